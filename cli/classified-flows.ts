import type { PersonalMode } from '../model/personal-mode.ts'
import { FlowledgerError } from '../model/errors.ts'
import { loadAloud } from './common-options.ts'
import type { CommonFlags } from './config/layers.ts'
import { print, say } from './output.ts'
import { showUnknown } from './show-unknown.ts'

type CaptureSummary = import('../collector/capture/frame.ts').CaptureSummary
type ClassifierEvents = import('../classifier/classifier.ts').ClassifierEvents
type Conversation = import('../classifier/conversation.ts').Conversation
type DecodeCounters = import('../collector/capture/decode-counters.ts').DecodeCounters
type Flow = import('../classifier/flow.ts').Flow
type FlowReport = import('../classifier/report.ts').FlowReport
type Frame = import('../collector/capture/frame.ts').Frame
type Metadata = import('../model/classification.ts').Metadata

/** How flows are shown. */
export interface ShownFlags extends CommonFlags {
  readonly output: 'table' | 'ndjson'
  readonly unknown?: true
  readonly write?: string
  readonly metadata?: true
  readonly personal: PersonalMode
}

/** Lines that are shown of what nothing recognised. */
export const maxClusters = 200

const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)

function metadataJson(metadata: Metadata): Record<string, unknown> {
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [snake(name), value]))
}

function row({ l4, a, b, protocol, application, hostname, confidence }: FlowReport): string {
  const what = application === null ? protocol : `${protocol}.${application}`
  const ends = `${l4.padEnd(6)} ${a.padEnd(21)} ${b.padEnd(21)}`
  return `${ends} ${what.padEnd(24)} ${String(confidence).padStart(3)} ${hostname ?? ''}`.trimEnd()
}

/** What there was to read, and what of it could not be used, said to people. */
export function sayDecoded(
  frames: number,
  { packets, drops }: DecodeCounters,
  flows: number
): void {
  const dropped = Object.entries(drops)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${count} ${reason}`)
    .join(', ')
  say(`${frames} frames, ${packets} packets, ${flows} flows.`)
  if (dropped !== '') say(`Frames without a packet: ${dropped}.`)
}

/** Where a capture is damaged, said to people; what comes before was read. */
export function sayDamage({ damage, damagedAt }: CaptureSummary): void {
  if (damage === undefined) return
  say(`The file is damaged at octet ${damagedAt} (${damage}); the rest is unread.`)
}

/** Gathers lines, so that not each costs a call of the system. */
class Lines {
  private text = ''

  line(text: string): void {
    this.text += `${text}\n`
    if (this.text.length > 65_536) this.flush()
  }

  flush(): void {
    if (this.text !== '') print(this.text)
    this.text = ''
  }
}

/** Where packets of what nothing recognised go; undefined where nobody wants them. */
async function openKept({ write, unknown }: ShownFlags) {
  if (write === undefined) return undefined
  if (unknown !== true) throw new FlowledgerError('usage', '--write goes with --unknown.')
  const { UnknownPackets } = await import('../appliance/capture/unknown-packets.ts')
  const config = { directory: write, maxOctets: 1 << 30, fileOctets: 64 << 20, packets: 255 }
  return new UnknownPackets(config, 65_535, say)
}

/** What hides persons, as `applications.personal` does; the key is the data directory's. */
async function openVeil(flags: ShownFlags) {
  if (flags.personal === 'keep') return undefined
  if (flags.write !== undefined) {
    throw new FlowledgerError('usage', '--write keeps packets, which name persons.', {
      fix: 'Leave out --personal, or --write.',
    })
  }
  const { makeVeil } = await import('../appliance/capture/personal.ts')
  const dataDir = flags.personal === 'omit' ? '' : (await loadAloud(flags)).config.dataDir
  return makeVeil(flags.personal, dataDir)
}

/** Who shows flows. */
export interface Shown {
  readonly events: ClassifierEvents & {
    readonly saw?: (flow: Flow, frame: Frame | undefined) => void
  }
  /** Prints what waits. */
  flush(): void
  /** Prints what there is to say once all flows are over. */
  end(): void
  /** Says where packets were written, if they were. */
  sayKept(): void
}

/** Shows each flow as it ends, or what nothing recognised once all have. */
export async function openShown(flags: ShownFlags): Promise<Shown> {
  const { reportLine, reportOf } = await import('../classifier/report.ts')
  const { UnknownFlows } = await import('../classifier/unknown-clusters.ts')
  const out = new Lines()
  const veil = await openVeil(flags)
  const unknown = flags.unknown === true ? new UnknownFlows(veil !== undefined) : undefined
  const show = (flow: Flow): void => {
    if (unknown !== undefined) return
    if (veil !== undefined && flow.classification !== undefined) {
      flow.classification = veil(flow.classification)
    }
    if (flags.output === 'table') return out.line(row(reportOf(flow)))
    if (flags.metadata !== true) return out.line(reportLine(flow))
    const { metadata = {}, risks = [] } = flow.classification ?? {}
    const known = JSON.stringify(metadataJson(metadata))
    out.line(reportLine(flow, `,"metadata":${known},"risks":${JSON.stringify(risks)}`))
  }
  const kept = await openKept(flags)
  const ended = (flow: Flow): void => {
    kept?.ended(flow)
    show(flow)
  }
  const unrecognised = (flow: Flow, said: Conversation): void => {
    unknown?.add(flow, said)
    kept?.unrecognised(flow)
  }
  const keeping =
    kept === undefined
      ? {}
      : {
          decided: (flow: Flow) => kept.decided(flow),
          saw: (flow: Flow, frame: Frame | undefined) => {
            if (frame !== undefined) kept.saw(flow, frame)
          },
        }
  return {
    events: { ended, unrecognised, ...keeping },
    flush: () => out.flush(),
    end() {
      kept?.close()
      out.flush()
      if (unknown !== undefined) showUnknown(unknown.list(maxClusters), flags.output)
    },
    sayKept() {
      if (kept === undefined) return
      const { packets, flows, failed } = kept.counts
      const where = `${packets} packets of ${flows} flows are in ${flags.write}`
      say(`${where}; ${failed} could not be written.`)
    },
  }
}
