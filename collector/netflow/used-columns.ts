import type { FlowBatch } from '../../model/flow-batch.ts'
import type { Column, QuickPlan } from './kernel-memory.ts'

/**
 * Sees that whoever writes rows finds zeros where he writes nothing. Where all rows of a batch are
 * of one plan, what each of its rows fills anew is left as it is.
 */
export class UsedColumns {
  private readonly batch: FlowBatch
  private readonly all: readonly Column[]
  /** The plan of every row since the batch was empty; undefined: several, or none of the quick. */
  private plan: QuickPlan | undefined
  /** Rows whose columns that {@link plan} fills are not zero. */
  private stale = 0

  constructor(batch: FlowBatch) {
    this.batch = batch
    this.all = [...Object.values(batch.columns), ...Object.values(batch.extras)]
  }

  /** Rows of a plan come next, or (undefined) rows that may have anything. */
  begin(plan: QuickPlan | undefined): void {
    const { batch } = this
    if (plan === undefined) batch.isV4 = false
    else if (batch.length === 0) batch.isV4 = plan.isV4
    else if (!plan.isV4) batch.isV4 = false
    if (plan === this.plan) return
    if (this.plan !== undefined) this.clear(this.plan.filled, batch.length, this.stale)
    this.stale = 0
    this.plan = batch.length === 0 ? plan : undefined
    batch.written = this.plan?.written
  }

  /** The rows are done with. */
  end(): void {
    const { batch, plan } = this
    if (plan === undefined) this.clear(this.all, 0, batch.length)
    else {
      this.clear(plan.touched, 0, batch.length)
      this.stale = Math.max(this.stale, batch.length)
    }
    batch.length = 0
    batch.texts.clear()
  }

  private clear(columns: readonly Column[], from: number, to: number): void {
    if (from >= to) return
    for (const column of columns) {
      const stride = column.length / this.batch.capacity
      column.fill(0, stride * from, stride * to)
    }
  }
}
