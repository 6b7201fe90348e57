import { z } from 'zod'
import { MessageWriter } from '../../netlink/message-writer.ts'
import { tableFamilies, writeBatch, writeElements, writeFlush } from '../../netlink/nft-elements.ts'
import type { SetElement } from '../../netlink/nft-elements.ts'
import { nftKeyOf, versionOf } from '../element-key.ts'
import { versionedName } from '../kernel/needs.ts'
import type { ElementField, IpVersion, NftSetNeed } from '../kernel/needs.ts'
import { namedSet, ownedSet, setSize } from '../set-settings.ts'
import { elements, tableName, ttl, versionsOf } from '../settings-values.ts'
import { SetFiller } from '../set-filler.ts'
import type { SetPort } from '../set-filler.ts'
import { renewal } from '../set-renewal.ts'
import type { Verdict } from '../outcome.ts'
import type { Report, Target, TargetKind, TargetKit } from '../target.ts'

const schema = z.strictObject({
  type: z.literal('nft-set'),
  family: z
    .enum(['inet', 'ip', 'ip6', 'bridge', 'netdev'])
    .prefault('inet')
    .describe('Family of the table.'),
  table: tableName.prefault('flowledger').describe('Table in which the set is.'),
  ...namedSet,
  elements: elements.describe('What an element is made of, in the order of the rule.'),
  ttl: ttl.prefault(900).describe('How long an element stays after its last connection.'),
  max_elements: setSize.describe('Most elements.'),
  ...ownedSet,
})

type Settings = z.output<typeof schema>

/** Elements of one transaction: below the socket's send buffer. */
const mostElements = 1000

/** A set of nftables as something to fill. */
export class NftSetPort implements SetPort<SetElement> {
  readonly most = mostElements
  private readonly writer = new MessageWriter()
  private readonly set: { readonly family: number; readonly table: string; readonly set: string }
  private readonly kit: TargetKit

  constructor({ family, table, set }: NftSetNeed, kit: TargetKit) {
    this.set = { family: tableFamilies[family] ?? 0, table, set }
    this.kit = kit
  }

  put(batch: readonly SetElement[]): number {
    return this.transact((sequence) => {
      if (renewal === 'replace') writeElements(this.writer, sequence, 'destroy', this.set, batch)
      writeElements(this.writer, sequence, 'add', this.set, batch)
    })
  }

  remove(batch: readonly SetElement[]): number {
    return this.transact((sequence) => {
      writeElements(this.writer, sequence, 'delete', this.set, batch)
    })
  }

  empty(): void {
    this.transact((sequence) => writeFlush(this.writer, sequence(), this.set))
  }

  private transact(write: (sequence: () => number) => void): number {
    const requests = this.kit.requests()
    const next = (): number => requests.next()
    writeBatch(this.writer, next, () => write(next))
    const { errors } = requests.send(this.writer)
    return errors.values().next().value ?? 0
  }
}

type NftSetNeeds = readonly NftSetNeed[]

/** Puts what a verdict says into sets of nftables, one for each version of IP. */
export class NftSetTarget implements Target {
  private readonly fillers = new Map<IpVersion, SetFiller<SetElement>>()
  private readonly fields: readonly ElementField[]
  private readonly timeoutMs: number
  private readonly unsuited: Verdict[] = []

  private readonly isEmptiedAtEnd: boolean

  constructor(sets: NftSetNeeds, kit: TargetKit, flushesAtEnd = false) {
    this.isEmptiedAtEnd = flushesAtEnd
    this.fields = sets[0]?.fields ?? []
    this.timeoutMs = 1000 * (sets[0]?.ttl ?? 0)
    for (const set of sets) this.fillers.set(set.ipVersion, new SetFiller(new NftSetPort(set, kit)))
  }

  add(verdict: Verdict): void {
    const filler = this.fillers.get(versionOf(verdict))
    const key = filler === undefined ? undefined : nftKeyOf(this.fields, verdict)
    if (key === undefined) this.unsuited.push(verdict)
    else filler?.add(key.toString('latin1'), { key, timeoutMs: this.timeoutMs }, verdict)
  }

  retract(verdict: Verdict): void {
    const key = nftKeyOf(this.fields, verdict)
    if (key === undefined) return
    this.fillers.get(versionOf(verdict))?.remove(key.toString('latin1'), { key, timeoutMs: 0 })
  }

  flush(_nowUs: number, report: Report): void {
    for (const verdict of this.unsuited.splice(0)) report(verdict, 'unsuited')
    for (const filler of this.fillers.values()) filler.flush(report)
  }

  close(): void {
    if (this.isEmptiedAtEnd) for (const filler of this.fillers.values()) filler.empty()
  }
}

function needsOf(settings: Settings): readonly NftSetNeed[] {
  const hasSuffix = settings.suffix ?? settings.ip_version === 'both'
  return versionsOf(settings.ip_version).map((version) => ({
    kind: 'nft-set',
    family: settings.family,
    table: settings.table,
    set: versionedName(settings.set, version, hasSuffix),
    ipVersion: version,
    fields: settings.elements,
    ttl: settings.ttl,
    maxElements: settings.max_elements,
    isManaged: settings.managed,
    flushOnCreate: settings.flush_on_create,
  }))
}

export const nftSet: TargetKind<Settings> = {
  text: 'Element of a set of nftables.',
  schema,
  needs: (_name, settings) => needsOf(settings),
  open: (_name, settings, kit) =>
    new NftSetTarget(needsOf(settings), kit, settings.flush_on_destroy),
}
