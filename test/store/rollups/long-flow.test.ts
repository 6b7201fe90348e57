import { expect, test } from 'vitest'
import type { FlowBatch } from '../../../model/flow-batch.ts'
import { noNetworks } from '../../../model/nat-view.ts'
import { RollupAggregate } from '../../../store/rollups/aggregate.ts'
import { trafficTables } from '../../../store/rollups/traffic-rows.ts'
import {
  flowFields,
  flowRecord,
  ip,
  ipfix,
  noon,
  set,
  template,
  u,
} from '../../collector/netflow/messages.ts'
import { Run } from '../../collector/netflow/run.ts'

const days = 86_400
const translated = [...flowFields, [225, 4], [227, 2]] as const

/** A collector whose rows are added up as they come, and kept. */
class Summed extends Run {
  readonly sums = new RollupAggregate()

  override flows(batch: FlowBatch): void {
    super.flows(batch)
    const nowUs = noon * 1e6
    const sourceIds = new Map([[1, 1]])
    this.sums.addSlices(batch, { source: 1, sourceIds, networks: noNetworks, nowUs })
  }
}

/** A record of a connection that is told once it is over, so many seconds after its begin. */
function told(seconds: number): Summed {
  const times = { startMs: (noon - seconds) * 1000 - 1000, endMs: noon * 1000 - 1000 }
  const record = Buffer.concat([flowRecord(times), ip('192.0.2.1'), u(50_000, 2)])
  return new Summed().send([ipfix({}, set(2, template(258, translated)), set(258, record))])
}

test('a record that claims 400 days is kept whole, and makes sums of a month and its end', () => {
  const { rows, sums } = told(399 * days)
  expect(rows).toHaveLength(399 * 24)
  const summed = 31 * 24 + 1
  expect(sums.longRests).toBe(rows.length - summed)
  expect(sums.pool.blocks.count).toBeLessThanOrEqual(summed + 2)
  expect(trafficTables(sums).hour.length).toBeLessThan(9 * summed)
  // What it counted stands in its last row, and in sums.
  const octets = sums.traffic.nameBlocks.data.reduce(
    (sum, one, at) => (at % 6 ? sum : sum + one),
    0
  )
  expect(octets).toBe(600)
})

test('what lasts less than a month is summed in each of its hours', () => {
  const { rows, sums } = told(20 * days)
  expect(rows).toHaveLength(20 * 24)
  expect(sums.longRests).toBe(0)
  expect(sums.pool.blocks.count).toBeGreaterThanOrEqual(20 * 24)
})
