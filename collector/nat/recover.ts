import { sliceFlags } from '../../model/fields.ts'
import { natEvents } from '../../model/nat-events.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { flowEndReasons } from '../../model/fields.ts'
import { mappingKindOf } from './mapping-key.ts'
import type { MappingKind } from './mapping-key.ts'
import { natColumns } from './nat-row.ts'
import type { NatColumns } from './nat-row.ts'
import type { OpenMappings } from './open-mappings.ts'

const idOf = ({ flowId }: NatColumns, row: number): number =>
  (flowId[2 * row] ?? 0) + (flowId[2 * row + 1] ?? 0) * 4294967296

/**
 * Brings the table of open mappings to where it was when a frame of the journal was written. What
 * began stands in `open` frames, again after each cut; the last interval of a mapping ends it.
 *
 * @returns the highest flow id in the frame
 */
export function takeOpen(
  open: OpenMappings,
  frame: 'open' | 'slices' | 'nat',
  batch: FlowBatch
): number {
  const columns = natColumns(batch)
  let highest = 0
  for (let row = 0; row < batch.length; row++) {
    const flowId = idOf(columns, row)
    highest = Math.max(highest, flowId)
    if (frame === 'open') takeBegun(open, batch, columns, row, flowId)
    else if (isLast(columns, row)) takeEnded(open, columns, row, flowId)
  }
  return highest
}

function isLast(columns: NatColumns, row: number): boolean {
  const goesOn = ((columns.sliceFlags[row] ?? 0) & sliceFlags.continues) !== 0
  // What was let go early goes on, but nobody follows it any more.
  return !goesOn || columns.flowEndReason[row] === flowEndReasons.forcedEnd
}

function takeBegun(
  open: OpenMappings,
  batch: FlowBatch,
  columns: NatColumns,
  row: number,
  flowId: number
): void {
  const kind = mappingKindOf(columns.natEvent[row] ?? 0)
  if (kind === undefined) return
  const known = open.findInside(columns, row, kind)
  if (known >= 0) open.remove(known)
  const taken = open.insert(batch, row, kind)
  open.columns.flowId[2 * taken] = flowId >>> 0
  open.columns.flowId[2 * taken + 1] = Math.floor(flowId / 4294967296)
}

/** Intervals of sessions and bindings do not say which of the two they are of. */
function takeEnded(open: OpenMappings, columns: NatColumns, row: number, flowId: number): void {
  const event = columns.natEvent[row] ?? 0
  const kinds: readonly MappingKind[] =
    event === natEvents.none
      ? ['session', 'bib']
      : event === natEvents.portBlockAllocation
        ? ['block']
        : event === natEvents.addressBindingCreate
          ? ['address']
          : []
  for (const kind of kinds) {
    const known = open.findInside(columns, row, kind)
    if (known >= 0 && open.flowId(known) === flowId) return open.remove(known)
  }
}
