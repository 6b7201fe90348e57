import { describe, expect, it } from 'vitest'
import { startEmbedded } from '../../store/embedded.ts'
import { migrateToLatest } from '../../store/migrate.ts'
import { ensurePartitions } from '../../store/partitions.ts'
import { throwAway } from '../cluster-copy.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { until } from '../until.ts'
import { useLogIns } from './log-ins.ts'

const logIn = useLogIns()
const hourUs = 3600e6

const asIfNone = `
  begin;
  select pg_advisory_xact_lock(hashtext('flowledger.ensure_partition'));
  update pg_class set relhassubclass = false where oid = 'ledger.flow'::regclass;
  commit`

const waitingSql = `select from pg_stat_activity where wait_event_type = 'Lock'`

describe.skipIf(skipPostgres)(
  'a command that starts while another makes its first partition',
  () => {
    const postgres = usePostgres()

    it('grants rights, and the partition is made', async () => {
      const owner = await logIn(postgres.urls.owner)
      const collector = await logIn(postgres.urls.collector)
      const migrate = () => migrateToLatest(postgres.urls.owner, postgres.server.credentials)
      const starts = { done: 0, failed: [] as unknown[] }
      const starting = (async () => {
        for (; starts.done < 20; starts.done++) {
          await migrate().catch((error: unknown) => starts.failed.push(error))
        }
      })()
      for (let hour = 300_000; starts.done < 20; hour++) {
        // As if none had been made yet: only the first changes what the catalogue says of the table.
        await owner.query(asIfNone)
        await ensurePartitions(collector, [hour * hourUs])
      }
      await starting
      expect(starts.failed).toEqual([])
    })
  }
)

describe.skipIf(skipPostgres)('a command that starts while another grants rights', () => {
  const postgres = usePostgres()

  it('joins the server', async () => {
    const [granting, watching] = [
      await logIn(postgres.urls.owner),
      await logIn(postgres.urls.owner),
    ]
    await granting.query('begin')
    await granting.query('grant connect on database flowledger to flowledger_lookup')
    let isOver = false
    const joining = startEmbedded(postgres.dataDir, throwAway).finally(() => (isOver = true))
    // Whoever waits for the end of the other's transaction fails by it.
    await until(async () => isOver || ((await watching.query(waitingSql)).rowCount ?? 0) > 0)
    await granting.query('commit')
    const joined = await joining
    await joined.stop()
  })
})
