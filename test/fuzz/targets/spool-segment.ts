import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeFlowBatch } from '../../../model/flow-batch.ts'
import { segmentName } from '../../../store/spool-segments.ts'
import { SpoolWriter } from '../../../store/spool-writer.ts'

/** A segment as the program writes it: rows, a gap, where watching began, rows. */
export function spoolSegment(directory: string): Buffer {
  mkdirSync(directory, { recursive: true })
  const spool = new SpoolWriter({
    directory,
    source: 'fuzz',
    maxBytes: 1 << 30,
    syncBytes: 1 << 20,
  })
  const batch = makeFlowBatch(3)
  for (let row = 0; row < 3; row++) {
    batch.columns.flowId[2 * row] = row + 1
    batch.columns.sourceAddress.set([0, 0, 0xffff, 0x0a000001 + row], 4 * row)
    batch.columns.flowStartMicroseconds[row] = 1.79e15 + row
  }
  batch.length = 3
  const at = { watermarkUs: 1.79e15, closedThroughUs: 1.79e15 - 1 }
  spool.append('slices', batch, at)
  spool.note({ type: 'gap', fromUs: 1.79e15, toUs: 1.79e15 + 1, reason: 'down' }, at)
  spool.append('open', batch, at)
  spool.append('slices', batch, at)
  spool.close()
  const octets = readFileSync(join(directory, segmentName(1)))
  rmSync(directory, { recursive: true })
  mkdirSync(directory)
  return octets
}
