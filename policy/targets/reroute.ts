import { z } from 'zod'
import { FlowledgerError } from '../../model/errors.ts'
import type { ConntrackEntry } from '../../model/conntrack-entry.ts'
import { readEntry, writeDelete, writeGet } from '../../netlink/conntrack-requests.ts'
import { errno } from '../../netlink/libc.ts'
import { MessageWriter } from '../../netlink/message-writer.ts'
import { exactTtl, LabelCut } from '../cut-target.ts'
import { EntryChanges } from '../entry-changes.ts'
import { cutRules, cutSets, exactFields } from '../kernel/cut-rules.ts'
import { MovedOnce } from '../moved-once.ts'
import { outcomeOfEntry } from '../outcome-of.ts'
import { Paced } from '../paced.ts'
import { duration, rate } from '../settings-values.ts'
import type { Verdict } from '../outcome.ts'
import type { Report, Target, TargetKind, TargetKit, Wans } from '../target.ts'

const schema = z.strictObject({
  type: z.literal('reroute'),
  wan: z.string().describe('Interface of wans that the connection should leave by.'),
  method: z
    .enum(['delete', 'reset'])
    .prefault('delete')
    .describe('delete: the conntrack entry alone; reset: both ends are reset and start over.'),
  rate: rate.prefault('50/s').describe('Connections that are moved at most.'),
  again_after: duration
    .prefault('10m')
    .describe('A client that comes back on the wrong WAN in this time is left there.'),
})

type Settings = z.output<typeof schema>

function wansOf(kit: Pick<TargetKit, 'wans'>, wan: string): { wans: Wans; wanted: number } {
  const wanted = kit.wans?.marks.get(wan)
  if (kit.wans !== undefined && wanted !== undefined) return { wans: kit.wans, wanted }
  throw new FlowledgerError('rules-invalid', `wans.interfaces has no ${wan.slice(0, 60)}.`, {
    fix: 'Give each WAN and its mark under wans.',
  })
}

const same = (a: ConntrackEntry, b: ConntrackEntry): boolean =>
  (a.id === 0 || a.id === b.id) && JSON.stringify(a.reply) === JSON.stringify(b.reply)

/** Starts connections over that left by another WAN than the one which is theirs. */
class RerouteTarget implements Target {
  private readonly paced: Paced
  private readonly once: MovedOnce
  private readonly deletes: EntryChanges
  private readonly cut: LabelCut | undefined
  private readonly writer = new MessageWriter()
  private readonly wans: Wans
  private readonly wanted: number
  private readonly wan: string
  private readonly kit: TargetKit

  constructor(name: string, { wan, method, rate: limit, again_after }: Settings, kit: TargetKit) {
    const { wans, wanted } = wansOf(kit, wan)
    this.wans = wans
    this.wanted = wanted
    this.wan = wan
    this.kit = kit
    this.once = new MovedOnce(again_after)
    this.paced = new Paced(limit)
    this.deletes = new EntryChanges(kit.requests)
    this.cut = method === 'reset' ? new LabelCut(name, kit.labels.own('reset'), kit) : undefined
  }

  get isWaiting(): boolean {
    return this.paced.isWaiting
  }

  add(verdict: Verdict): void {
    this.paced.add(verdict)
  }

  flush(nowUs: number, report: Report): void {
    this.paced.flush(nowUs, report, (verdict, pass) => {
      if (verdict.entry.startUs >= this.kit.sinceUs) return this.take(verdict, nowUs, report, pass)
      report(verdict, 'baseline')
      return true
    })
    this.deletes.flush(report)
    this.cut?.flush(nowUs, report)
  }

  /** False where the rate lets none through now. */
  private take(verdict: Verdict, nowUs: number, report: Report, pass: () => boolean): boolean {
    // The mark that was told when the connection was made may be older than the one it has.
    const now = this.current(verdict)
    if (typeof now === 'number') {
      report(verdict, outcomeOfEntry(now))
      return true
    }
    const where = (now.mark & this.wans.mask) >>> 0
    if (where === this.wanted) {
      report(verdict, 'in-place')
      return true
    }
    const from = [...this.wans.marks].find(([, mark]) => mark === where)?.[0]
    if (from === undefined) {
      report(verdict, 'unsuited', `mark 0x${where.toString(16)} is of no WAN`)
      return true
    }
    if (this.once.isRepeated(verdict, nowUs)) {
      this.kit.warn(
        `A connection came back by ${from} after it was to leave by ${this.wan}: ` +
          'the rule that routes the set by its mark is missing or comes too late.'
      )
      report(verdict, 'again', `by ${from}`)
      return true
    }
    if (!pass()) return false
    this.once.note(verdict, nowUs)
    if (this.cut === undefined) {
      this.deletes.add({ ...verdict, entry: now }, (writer, sequence, { entry }) => {
        writeDelete(writer, sequence, entry)
      })
    } else this.cut.add(verdict)
    return true
  }

  /** The very entry as it is now, or the error code that says why there is none. */
  private current({ entry }: Verdict): ConntrackEntry | number {
    const requests = this.kit.requests()
    let found: ConntrackEntry | undefined
    writeGet(this.writer, requests.next(), entry)
    const { errors } = requests.send(this.writer, (view, from, to) => {
      found = readEntry(view, from, to)
    })
    const code = errors.values().next().value
    if (code !== undefined) return code
    // Another connection may have taken its place: then the one that was meant is gone.
    return found !== undefined && same(entry, found) ? found : errno.ENOENT
  }
}

/** Starts a connection over on the WAN that is its own. */
export const reroute: TargetKind<Settings> = {
  text: 'Starts a connection over that left by the wrong WAN, once.',
  schema,
  needs(name, { wan, method }, kit) {
    wansOf(kit, wan)
    if (method === 'delete') return []
    return [
      { kind: 'labels' },
      ...cutRules('reset', `ct label ${kit.labels.own('reset')}`, 'reset'),
      ...cutSets(name, exactFields, 'reset', exactTtl),
    ]
  },
  open: (name, settings, kit) => new RerouteTarget(name, settings, kit),
}
