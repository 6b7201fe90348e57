import { EventWriter } from '../../../collector/syslog/event-writer.ts'
import { NatTracker } from '../../../collector/nat/tracker.ts'
import type { NatTrackerOptions } from '../../../collector/nat/tracker-options.ts'
import { makeNatBatch, RowCopier } from '../../../collector/nat/nat-row.ts'
import type { FlowBatch } from '../../../model/flow-batch.ts'
import { formatAddress, requireAddress } from '../../../model/address.ts'

/** Noon of the tests, in microseconds since 1970. */
export const noonUs = Date.UTC(2026, 2, 1, 12) * 1000

export interface TestEvent {
  readonly event: number
  /** Seconds after noon; the other ends of an uncertain time. */
  readonly at: number
  readonly atLatest?: number
  readonly inside?: string
  readonly outside?: string
  readonly remote?: string
  readonly protocol?: number
  readonly ports?: readonly [number, number]
  readonly vrf?: number
  readonly source?: number
  readonly user?: string
  readonly startedAt?: number
  readonly flags?: number
}

/** A batch of events. */
export function batchOf(events: readonly TestEvent[]): FlowBatch {
  const out = new EventWriter(Math.max(1, events.length))
  for (const one of events) {
    const { event, at, atLatest = at, protocol = 6, vrf = 0, source = 1, startedAt } = one
    out.sourceIndex = source
    out.flags = one.flags ?? 0
    out.firstUs = noonUs + at * 1e6
    out.lastUs = noonUs + atLatest * 1e6
    out.begin(event, protocol)
    const end = (which: 'inside' | 'outside' | 'remote', text: string | undefined): void => {
      if (text === undefined) return
      const [ip = '', port = '0'] = text.split(' ')
      const words = Uint32Array.from(requireAddress(ip))
      out.end(which, { words, port: Number(port) } as never)
    }
    end('inside', one.inside ?? '10.0.0.5 51000')
    end('outside', one.outside ?? (event === 5 ? undefined : '192.0.2.1 20000'))
    end('remote', one.remote)
    out.set('ingressVrfId', vrf)
    if (one.ports !== undefined) out.ports(...one.ports)
    if (one.user !== undefined) out.text('userName', one.user)
    if (startedAt !== undefined) out.startedAt(noonUs + startedAt * 1e6)
    out.keep()
  }
  return out.batch
}

/** A written interval, as tests compare it; times in seconds after noon. */
export interface Written {
  readonly kind: string
  readonly inside: string
  readonly outside: string
  readonly from: number
  readonly to: number
  readonly flags: number
  readonly ports?: string
}

function endpoint(words: Uint32Array, ports: Uint16Array, row: number): string {
  const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = words.subarray(4 * row, 4 * row + 4)
  return `${formatAddress(w0, w1, w2, w3)} ${ports[row]}`
}

function writtenOf(kind: string, { columns, extras }: FlowBatch, row: number): Written {
  const seconds = (us: number | undefined): number => ((us ?? 0) - noonUs) / 1e6
  const [first = 0, last = 0] = [extras.portRangeStart?.[row], extras.portRangeEnd?.[row]]
  return {
    kind,
    inside: endpoint(columns.sourceAddress, columns.sourceTransportPort, row),
    outside: endpoint(columns.postNatSourceAddress, columns.postNaptSourceTransportPort, row),
    from: seconds(columns.flowStartMicroseconds[row]),
    to: seconds(columns.flowEndMicroseconds[row]),
    flags: columns.sliceFlags[row] ?? 0,
    ...(last === 0 ? {} : { ports: `${first}-${last}` }),
  }
}

/** A tracker and all that it handed over, frame by frame. */
export function track(options: Partial<NatTrackerOptions> = {}) {
  const frames: { kind: 'open' | 'slices' | 'nat'; batch: FlowBatch }[] = []
  const tracker = new NatTracker({
    maxOpen: 1024,
    journal: {
      append(kind, batch) {
        const copy = makeNatBatch(batch.length)
        const copier = new RowCopier(batch, copy)
        for (let row = 0; row < batch.length; row++) copier.copy(row, row)
        copy.length = batch.length
        frames.push({ kind, batch: copy })
      },
    },
    ...options,
  })
  const written = (kind: 'open' | 'slices' | 'nat'): Written[] => {
    tracker.flush()
    return frames
      .filter((frame) => frame.kind === kind)
      .flatMap(({ batch }) =>
        Array.from({ length: batch.length }, (_, row) => writtenOf(kind, batch, row))
      )
  }
  return { tracker, frames, written }
}
