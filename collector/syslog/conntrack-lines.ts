import { LineReader } from '../conntrack/text-line.ts'
import { RowCopier, natColumns } from '../nat/nat-row.ts'
import type { NatDialect } from './dialect.ts'
import { sessionEvent } from './event-writer.ts'
import type { EventWriter } from './event-writer.ts'

const reader = new LineReader()
const entry = natColumns(reader.entry.row)
const copiers = new WeakMap<EventWriter, RowCopier>()

/**
 * Connection tracking events in a log, as VyOS writes them (`system conntrack log`) and who sends
 * `conntrack -E` to a logger: the text of conntrack(8) behind whatever stands before it.
 *
 * ```
 * conntrack-logger[812]: [NEW] tcp 6 120 SYN_SENT src=A dst=R sport=P dport=P [UNREPLIED]
 *   src=R dst=B sport=P dport=P
 * conntrack-logger[812]: [DESTROY] (the same)
 * ```
 */
export const conntrackLines: NatDialect = (line, out) => {
  const isNew = line.mark('[NEW]')
  if (!isNew && !line.mark('[DESTROY]')) return line.mark('[UPDATE]') ? 'passed' : 'other'
  const from = line.at - (isNew ? '[NEW]' : '[DESTROY]').length
  if (line.text.indexOf(' src=', from) < 0) return 'other'
  if (reader.read(line.text.slice(from)) !== undefined) return 'malformed'
  const v6 = entry.sourceAddress[2] !== 0xffff
  const event = sessionEvent(
    isNew ? 'begin' : 'end',
    v6 && entry.postNatSourceAddress[2] === 0xffff
  )
  if (!out.begin(event)) return 'malformed'
  const row = out.batch.length
  const { flowStartMicroseconds, flowEndMicroseconds, natEvent, sourceIndex, sliceFlags } =
    out.columns
  const kept = [flowStartMicroseconds[row] ?? 0, flowEndMicroseconds[row] ?? 0] as const
  let copier = copiers.get(out)
  if (copier === undefined) copiers.set(out, (copier = new RowCopier(reader.entry.row, out.batch)))
  copier.copy(0, row)
  natEvent[row] = event
  sourceIndex[row] = out.sourceIndex
  sliceFlags[row] = out.flags
  out.startedAt(0)
  out.times(...kept)
  out.keep()
  return 'taken'
}
