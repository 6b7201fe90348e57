import { recordAct } from '../../lookup-api/answer.ts'
import type { DeskContext } from '../../lookup-api/cases/desk.ts'
import { admitList } from '../../lookup-api/question-gate.ts'
import { FlowledgerError } from '../../model/errors.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { actorOf } from '../../model/principal.ts'
import type { Slice } from '../../model/slice.ts'
import { formatInstant } from '../../model/time.ts'
import { sliceBatches } from './slice-batches.ts'

/** What is exported, and why. */
export interface ExportQuestion {
  readonly fromUs: number
  readonly toUs: number
  readonly format: string
  readonly target?: string
  readonly case?: string
  readonly purpose?: string
  readonly approval?: string
  /** Told after each page how many rows there were, and about how many there will have been. */
  readonly watch?: (rows: number, outOf: number) => void
}

const pageRows = 1000

/** The ledger's rows of a time, a page at a time: no more than one page is held. */
async function* slicesOf(
  { deps }: DeskContext,
  { fromUs, toUs, watch }: ExportQuestion
): AsyncGenerator<Slice> {
  let cursor: string | undefined
  let rows = 0
  do {
    const page = await deps.ledger.listFlows({ fromUs, toUs, limit: pageRows, cursor })
    yield* page.items
    rows += page.items.length
    // The oldest come first, so the time of the last one tells how much of the whole this was.
    const share = ((page.items.at(-1)?.startUs ?? toUs) - fromUs) / (toUs - fromUs)
    if (share > 0) watch?.(rows, rows / share)
    cursor = page.next
  } while (cursor !== undefined)
}

/**
 * The connections of a time as batches. That they leave is in the audit before the first one does.
 *
 * @throws FlowledgerError `usage`, `not-allowed`, `approval-needed`, `audit-unwritable`
 */
export async function exportRows(
  context: DeskContext,
  question: ExportQuestion
): Promise<AsyncIterable<FlowBatch>> {
  const { deps, principal } = context
  const { fromUs, toUs, format, target, approval } = question
  if (!principal.rights.has('flows')) {
    throw new FlowledgerError('not-allowed', 'Exporting needs the right "flows".')
  }
  const filter = { fromUs, toUs, inside: undefined, public: undefined }
  const authority = await admitList(filter, approval, principal, deps.access)
  const detail = {
    from: formatInstant(fromUs),
    to: formatInstant(toUs),
    format,
    target: target ?? null,
    case: question.case ?? null,
    purpose: question.purpose ?? null,
    authority: authority ?? null,
    version: deps.version,
  }
  await recordAct(deps.audit, { actor: actorOf(principal), action: 'export', detail })
  return sliceBatches(slicesOf(context, question))
}
