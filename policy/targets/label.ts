import { z } from 'zod'
import { netifyProtocolOf } from '../../criteria/netify-protocols.ts'
import type { ClassifiedFlow } from '../../model/classified-flow.ts'
import { writeLabels } from '../../netlink/conntrack-requests.ts'
import { labelsOf } from '../connection-labels.ts'
import type { ConnectionLabels } from '../connection-labels.ts'
import { EntryChanges } from '../entry-changes.ts'
import type { Verdict } from '../outcome.ts'
import type { Report, Target, TargetKind, TargetKit } from '../target.ts'

const schema = z
  .strictObject({
    type: z.literal('label'),
    labels: z
      .array(z.union([z.int().min(0), z.string()]))
      .prefault([])
      .describe('Labels by the name that connlabel.conf has, or by bit.'),
    auto: z
      .boolean()
      .prefault(false)
      .describe('Also the labels a-<application> and p-<protocol>, where connlabel.conf has them.'),
  })
  .refine(({ labels, auto }) => labels.length > 0 || auto, { error: 'needs labels, or auto: true' })

type Settings = z.output<typeof schema>

const none = new Uint8Array(16)

/**
 * Names of automatic labels have a hyphen for each slash. Netify's `HTTP/S` is TLS and QUIC, as in
 * expressions.
 */
function autoNames({ application, protocol }: ClassifiedFlow): readonly string[] {
  const theirs = netifyProtocolOf(protocol)[1].toLowerCase().replaceAll('/', '-')
  const web = protocol === 'tls' || protocol === 'quic' ? ['p-http-s'] : []
  const named = application === undefined ? [] : [`a-${application}`]
  return [...named, ...web, `p-${protocol}`, `p-${theirs}`]
}

/** Sets labels of the connection's entry, so that rules can say `ct label`. */
export class LabelTarget implements Target {
  private readonly changes: EntryChanges
  private readonly fixed: readonly number[]
  private readonly auto: ConnectionLabels | undefined

  constructor(bits: Iterable<number>, kit: TargetKit, isAuto: boolean) {
    this.changes = new EntryChanges(kit.requests)
    this.fixed = [...bits]
    this.auto = isAuto ? kit.labels : undefined
  }

  add(verdict: Verdict): void {
    const mask = this.maskOf(verdict)
    this.changes.add(verdict, (writer, sequence, { entry }) => {
      writeLabels(writer, sequence, entry, mask, mask)
    })
  }

  retract(verdict: Verdict): void {
    const mask = this.maskOf(verdict)
    this.changes.add(verdict, (writer, sequence, { entry }) => {
      writeLabels(writer, sequence, entry, none, mask)
    })
  }

  flush(_nowUs: number, report: Report): void {
    this.changes.flush(report)
  }

  private maskOf({ flow }: Verdict): Uint8Array {
    const { auto, fixed } = this
    if (auto === undefined) return labelsOf(fixed)
    return labelsOf([...fixed, ...autoNames(flow).flatMap((name) => auto.find(name) ?? [])])
  }
}

export const label: TargetKind<Settings> = {
  text: 'Labels of the connection (ct label, -m connlabel).',
  schema,
  needs(_name, { labels }, kit) {
    for (const one of labels) kit.labels.bit(one)
    return [{ kind: 'labels' }]
  },
  open(_name, { labels, auto }, kit) {
    return new LabelTarget(
      labels.map((one) => kit.labels.bit(one)),
      kit,
      auto
    )
  },
}
