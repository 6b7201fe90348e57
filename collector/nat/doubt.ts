import type { MappingKind } from './mapping-key.ts'
import type { OpenMappings } from './open-mappings.ts'

/**
 * What tells of a gateway began anew, and nobody knows whether the gateway did. What it held until
 * then is assumed to be held: an end that is told later proves it, and a beginning of the same
 * mapping proves that it had ended.
 *
 * @param write keeps the part of a mapping that is sure
 */
export function doubtMappings(
  open: OpenMappings,
  sourceIndex: number,
  write: (row: number, kind: MappingKind, fromUs: number, toUs: number) => void
): void {
  for (let row = 0; row < open.rowsUsed; row++) {
    const kind = open.kindAt(row)
    const { columns } = open
    if (kind === undefined || columns.sourceIndex[row] !== sourceIndex) continue
    if (open.isDoubted(row)) continue
    const fromUs = columns.flowStartMicroseconds[row] ?? 0
    const alive = Math.max(fromUs, columns.flowEndMicroseconds[row] ?? 0)
    columns.flowStartMicroseconds[row] = alive
    write(row, kind, fromUs, alive)
    open.setDoubted(row, true)
  }
}
