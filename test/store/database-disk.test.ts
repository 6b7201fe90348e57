import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, describe, test } from 'vitest'
import { noNetworks } from '../../model/nat-view.ts'
import { LedgerWriter } from '../../store/ledger-writer.ts'
import { SpoolPump } from '../../store/spool-pump.ts'
import { listSegments } from '../../store/spool-segments.ts'
import { SpoolWriter } from '../../store/spool-writer.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { until } from '../until.ts'
import { batchOf } from './flow-rows.ts'
import { useLogIns } from './log-ins.ts'
import { skipDisks, useDisks } from './small-disk.ts'

const logIn = useLogIns()
const hourUs = 3_600e6
const baseUs = Math.floor((Date.now() * 1000) / hourUs) * hourUs - 5 * hourUs
const [batches, rows] = [100, 500]

/** A spool of that many rows, all in one hour. */
function fillSpool(directory: string, first: number): SpoolWriter {
  const spool = new SpoolWriter({ directory, source: 'gw', maxBytes: 1 << 30, syncBytes: 1 << 20 })
  for (let batch = 0; batch < batches; batch++) {
    const flows = Array.from({ length: rows }, (_, row) => ({
      source: '10.0.0.7 40000',
      destination: '198.51.100.9 443',
      postNatSource: `192.0.2.1 ${1024 + row}`,
      startUs: baseUs + batch * 1e6,
      endUs: baseUs + batch * 1e6 + 1000,
      id: BigInt(first + batch * rows + row),
    }))
    const progress = { watermarkUs: baseUs + batch * 1e6, closedThroughUs: baseUs + batch * 1e6 }
    spool.append('slices', batchOf(flows), progress)
  }
  return spool
}

describe.skipIf(skipPostgres || skipDisks)('a database whose disk is full', () => {
  const postgres = usePostgres()
  const disks = useDisks()

  test('is waited for: nothing is passed over, nothing stands twice', async () => {
    const owner = await logIn(postgres.urls.owner)
    const disk = disks.tmpfs(4)
    const space = join(disk, 'space')
    mkdirSync(space)
    const { uid, gid } = statSync(join(postgres.dataDir, 'postgres'))
    chmodSync(disk, 0o755)
    chownSync(space, uid, gid)
    await owner.query(`create tablespace small location '${space}'`)
    await owner.query('grant create on tablespace small to public')
    await owner.query("alter role flowledger_collector set default_tablespace = 'small'")
    const directory = mkdtempSync(join(tmpdir(), 'flowledger-spool-'))
    const spool = fillSpool(directory, 1)
    const writer = new LedgerWriter(postgres.urls.collector, noNetworks)
    const source = await writer.registerSource('gw', 'conntrack')
    const failures: string[] = []
    const pump = new SpoolPump(
      {
        readCursor: () => writer.readCursor(source, 's'),
        async commit(commit) {
          await writer.commit({ ...commit, sources: [], source, spool: 's' })
        },
      },
      {
        directory,
        maxBytes: 1 << 30,
        keepMs: 1e9,
        onError: (error) => failures.push((error as Error).message),
      }
    )
    const running = pump.run()
    await until(() => failures.length >= 2)
    expect(failures.join()).toMatch(/could not extend file|No space left/)
    const before = await owner.query<{ n: string }>('select count(*) as n from ledger.flow')
    expect(Number(before.rows[0]?.n)).toBeLessThan(batches * rows)

    execFileSync('mount', ['-o', 'remount,size=64m', disk])
    await pump.reach(spool.position, 60_000)
    pump.stop()
    await running
    await writer.close()
    spool.close()
    const after = await owner.query<{ n: string; ids: string }>(
      'select count(*) as n, count(distinct flow_id) as ids from ledger.flow'
    )
    expect(after.rows).toEqual([{ n: String(batches * rows), ids: String(batches * rows) }])
    const gaps = await owner.query('select from ledger.gap')
    expect(gaps.rowCount).toBe(0)
    await owner.query('drop table ledger.flow cascade')
    await owner.query('drop tablespace small')
    rmSync(directory, { recursive: true })
  })

  test('that was restored to before what the spool holds: what is gone is a gap', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'flowledger-spool-'))
    for (let run = 0; run < 3; run++) fillSpool(directory, 1 + run).close()
    const [first = 0] = listSegments(directory)
    rmSync(join(directory, `${String(first).padStart(12, '0')}.spool`))
    const gaps: unknown[] = []
    const pump = new SpoolPump(
      {
        readCursor: async () => ({ segment: first, offset: 1000 }),
        readWatermark: async () => baseUs - 1e6,
        commit: async (commit) => void gaps.push(...commit.gaps),
      },
      { directory, maxBytes: 1 << 30, keepMs: 1e9, onError: () => {} }
    )
    const running = pump.run()
    pump.stop()
    await running
    expect(gaps).toEqual([{ fromUs: baseUs - 1e6, toUs: baseUs, reason: 'restored' }])
    rmSync(directory, { recursive: true })
  })
})
