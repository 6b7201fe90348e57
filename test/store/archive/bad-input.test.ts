import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { noNetworks } from '../../../model/nat-view.ts'
import { Archive } from '../../../store/archive/archive.ts'
import { checkFiles, filesNotInAudit } from '../../../store/archive/check-files.ts'
import { makeReadCoverage } from '../../../store/coverage-query.ts'
import { LedgerWriter } from '../../../store/ledger-writer.ts'
import { makeFindMappings } from '../../../store/find-mappings.ts'
import { requireAddress } from '../../../model/address.ts'
import { skipPostgres, usePostgres } from '../../postgres.ts'
import { batchOf } from '../flow-rows.ts'
import type { TestFlow } from '../flow-rows.ts'
import { lineOf, SealedLedger } from '../retention/sealed-fixture.ts'
import { fill } from './fill.ts'
import { firstHourUs, hourUs, randomFlows } from './random-flows.ts'

const flowAt = (startUs: number, id: bigint): TestFlow => ({
  source: '10.0.0.1 1024',
  destination: '198.51.100.1 443',
  postNatSource: '192.0.2.1 1024',
  startUs,
  endUs: startUs + 1e6,
  id,
})

describe.skipIf(skipPostgres)('what is wrong in a ledger with an archive', () => {
  const postgres = usePostgres()
  let ledger: SealedLedger
  beforeEach(async () => {
    ledger = await SealedLedger.open(postgres)
  })
  afterEach(() => ledger.close())

  test.each([
    ['another path', "path = '../../etc/passwd.parquet'", 'unreadable'],
    ['a file that was never there', "path = '2020/01/01/flow_2020010100.1.parquet'", 'missing'],
    ['another size', 'octets = octets + 1', 'truncated'],
    ['another index', "index_sha256 = decode(repeat('00', 32), 'hex')", 'altered'],
  ])('a catalogue that names %s: said, the rest is answered', async (_, set, damage) => {
    await fill(postgres.urls.collector, randomFlows(51, 300))
    await ledger.seal()
    const hourly = `hour = to_timestamp(${(firstHourUs + hourUs) / 1e6})`
    await ledger.owner.query('disagree', {
      text: `update ledger.sealed_file set ${set} where ${hourly}`,
    })
    const archive = new Archive(ledger.owner, ledger.directory)
    const window = { fromUs: firstHourUs, toUs: firstHourUs + 3 * hourUs, limit: 1000 }
    const query = { address: requireAddress('192.0.2.1'), port: 1024, ...window }
    const { slices } = await makeFindMappings(ledger.owner, undefined, archive)(query)
    const hours = new Set(slices.map(({ startUs }) => Math.floor((startUs - firstHourUs) / hourUs)))
    expect(hours).toEqual(new Set([0, 2]))
    expect(archive.quarantined().map((one) => one.damage.damage)).toEqual([damage])
    const [gw1] = await makeReadCoverage(ledger.owner, archive)(window.fromUs, window.toUs)
    expect(gw1?.gaps.map(({ reason }) => reason)).toEqual(['archive-damaged'])
    await archive.close()
    const { damaged } = await checkFiles(ledger.owner, ledger.directory, 'octets')
    expect(damaged).toHaveLength(1)
  })

  test('a catalogue with a file that the audit does not know is told of', async () => {
    await fill(postgres.urls.collector, randomFlows(52, 100))
    await ledger.seal()
    await ledger.owner.query('disagree', {
      text: `update ledger.sealed_file set sha256 = decode(repeat('ab', 32), 'hex')
             where hour = to_timestamp(${firstHourUs / 1e6})`,
    })
    const { files } = await checkFiles(ledger.owner, ledger.directory, 'looks')
    const strangers = await filesNotInAudit(ledger.owner, files)
    expect(strangers.map(({ path }) => join('/', path))).toEqual([join('/', files[0]?.path ?? '')])
  })

  test('a clock that steps back over the edge of a sealed hour: each row once, in its hour', async () => {
    const edge = firstHourUs + hourUs
    await fill(postgres.urls.collector, [flowAt(edge - 2e6, 1n), flowAt(edge + 1e6, 2n)])
    await ledger.seal()
    // The clock is set back by three seconds, and what comes is before what came.
    await fill(postgres.urls.collector, [flowAt(edge - 1, 3n), flowAt(edge, 4n)])
    const ids = async (): Promise<string[]> =>
      (await ledger.everything()).map(({ flowId }) => String(flowId)).toSorted()
    expect(await ids()).toEqual(['1', '2', '3', '4'])
    const before = (await ledger.everything()).map(lineOf).toSorted()
    await ledger.seal()
    expect(await ledger.count('ledger.flow')).toBe(0)
    expect(await ledger.count('ledger.sealed_file where generation = 2')).toBe(2)
    expect((await ledger.everything()).map(lineOf).toSorted()).toEqual(before)
    expect(await ledger.problems()).toEqual([])
  })

  test('rows of 1970 and of the future are refused by reason, the rest is written', async () => {
    const writer = new LedgerWriter(postgres.urls.collector, noNetworks)
    const source = await writer.registerSource('gw1', 'conntrack')
    await writer.readCursor(source, 'bad')
    const nowUs = Date.now() * 1000
    const flows = [
      flowAt(0, 1n),
      flowAt(1e6, 2n),
      flowAt(nowUs + 30 * 86_400e6, 3n),
      flowAt(Number.NaN, 4n),
      flowAt(firstHourUs, 5n),
    ]
    const { refused } = await writer.commit({
      source,
      spool: 'bad',
      batches: [batchOf(flows)],
      gaps: [],
      progress: { watermarkUs: nowUs, closedThroughUs: nowUs },
      watchedFromUs: 1,
      cursor: { segment: 1, offset: 0 },
    })
    await writer.close()
    expect(refused).toEqual({ 'too-old': 2, 'in-future': 1, 'time-invalid': 1 })
    expect((await ledger.everything()).map(({ flowId }) => flowId)).toEqual([5n])
    await ledger.seal()
    expect((await ledger.everything()).map(({ flowId }) => flowId)).toEqual([5n])
  })
})
