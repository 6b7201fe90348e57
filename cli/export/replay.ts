import type { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { textFormats } from '../../exporter/formats.ts'
import { Target } from '../../exporter/target.ts'
import type { TextContext, TextFormat } from '../../exporter/text-format.ts'
import { streamOut } from '../../exporter/transports/stream-out.ts'
import { TargetLost } from '../../exporter/transport.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { FlowledgerError } from '../../model/errors.ts'
import type { ExportTarget } from '../../model/export-targets.ts'

/** What a replay told, and what it could not. */
export interface ReplayResult {
  connections: number
  records: number
  readonly leftOut: Record<string, number>
}

/** Octets of text that are gathered before they are written. */
const chunkChars = 64 << 10

/** NetFlow of old has packets of a network's size in files too: nothing reads longer ones. */
const packetBytes = 1464

function write(out: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    out.write(text, (error) => (error ? reject(error) : resolve()))
  })
}

/** Writes batches as text, as fast as the reader takes it. */
export async function replayText(
  batches: AsyncIterable<FlowBatch>,
  format: TextFormat,
  given: Omit<TextContext, 'leaveOut'>,
  out: Writable
): Promise<ReplayResult> {
  const result: ReplayResult = { connections: 0, records: 0, leftOut: {} }
  const leaveOut = (reason: string): void => {
    result.leftOut[reason] = (result.leftOut[reason] ?? 0) + 1
  }
  let text = format.head
  for await (const batch of batches) {
    result.connections += batch.length
    for (let row = 0; row < batch.length; row++) {
      const lines = format.lines(batch, row, { ...given, leaveOut })
      if (lines !== '') result.records += lines.split('\n').length - 1
      text += lines
      if (text.length < chunkChars) continue
      await write(out, text)
      text = ''
    }
  }
  await write(out, text)
  return result
}

function latestEnd({ columns, length }: FlowBatch, from: number): number {
  let latest = from
  for (let row = 0; row < length; row++) {
    latest = Math.max(latest, columns.flowEndMicroseconds[row] ?? 0)
  }
  return latest
}

/**
 * Tells batches to a collector, or writes the messages one behind the other where `out` is given.
 * Messages say the time of the latest flow in them, as they did when the flows were new.
 *
 * @throws FlowledgerError `target-unreachable`
 */
export async function replayMessages(
  batches: AsyncIterable<FlowBatch>,
  config: ExportTarget,
  bootUs: number,
  out?: Writable
): Promise<ReplayResult> {
  const host = { process: process.pid, bootUs, interfaces: () => [] }
  const short = config.protocol === 'ipfix' ? undefined : packetBytes
  const transport = out && streamOut(out, short)
  const target = new Target(config, host, 0, { transport })
  const result: ReplayResult = { connections: 0, records: 0, leftOut: target.counters.unsent }
  try {
    let exportUs = bootUs
    await target.open(exportUs)
    for await (const batch of batches) {
      result.connections += batch.length
      exportUs = latestEnd(batch, exportUs)
      await target.tell(batch, 'whole', exportUs)
      if (!target.isDue(Date.now() * 1000)) continue
      // The way takes shorter messages than it seemed: those of another session are.
      await target.flush(exportUs)
      await target.close()
      await target.open(exportUs)
    }
    await target.flush(exportUs)
    // What nobody listens to is told after a while; nothing later would show it.
    if (target.settleUs > 0) await sleep(target.settleUs / 1000)
    target.check()
    await target.close()
  } catch (error) {
    if (!(error instanceof TargetLost)) throw error
    throw new FlowledgerError('target-unreachable', `The export broke off: ${error.message}.`, {
      fix: 'See whether the collector runs and can be reached, then export again.',
      cause: error,
    })
  }
  const { records: tooLong } = target.notSent
  if (tooLong > 0) result.leftOut['message-too-long'] = tooLong
  result.records = target.counters.records - tooLong
  return result
}

/** The form of text of a name; undefined for protocols. */
export const textFormatOf = (name: string): TextFormat | undefined =>
  Object.hasOwn(textFormats, name) ? textFormats[name] : undefined
