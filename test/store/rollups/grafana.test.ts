import { readFileSync } from 'node:fs'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../../store/connect.ts'
import { makeLedgerRows } from './report-rows.ts'
import { skipPostgres, usePostgres } from '../../postgres.ts'

interface Dashboard {
  readonly panels: readonly {
    readonly title: string
    readonly type: string
    readonly targets: readonly { readonly rawSql: string }[]
  }[]
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly query?: string }[]
  }
}

const path = new URL('../../../docs/grafana/capacity.json', import.meta.url)
const dashboard = JSON.parse(readFileSync(path, 'utf8')) as Dashboard

/** What Grafana makes of a query: its macro, and its variables. */
function asSent(sql: string, width: string): string {
  return sql
    .replaceAll('$__timeFilter(at)', "at between now() - interval '2 days' and now()")
    .replaceAll('${width}', width)
    .replaceAll('${source:sqlstring}', "'gw1','gw2'")
}

describe.skipIf(skipPostgres)('the dashboard for Grafana', () => {
  const postgres = usePostgres()
  let client: Client

  beforeAll(async () => {
    const owner = await connect(postgres.urls.owner)
    await owner.query("create role grafana login password 'dashboards' in role flowledger_reports")
    await owner.end()
    await makeLedgerRows(postgres.urls.collector)
    const url = postgres.urls.lookup
      .replace(/user=[^&]*/, 'user=grafana')
      .replace(/password=[^&]*/, 'password=dashboards')
    client = await connect(url)
  })
  afterAll(() => client?.end())

  const panels = dashboard.panels.flatMap(({ title, type, targets }) =>
    targets.flatMap(({ rawSql }) =>
      ['minute', 'hour', 'day'].map((width) => ({ title, type, rawSql, width }))
    )
  )

  test.each(panels)(
    '$title, by $width, shows what the views have',
    async ({ type, rawSql, width }) => {
      const { rows, fields } = await client.query<Record<string, unknown>>(asSent(rawSql, width))
      expect(rows.length).toBeGreaterThan(0)
      const names = fields.map(({ name }) => name)
      if (type === 'timeseries') {
        expect(names).toEqual(['time', 'metric', 'value'])
        expect(rows[0]?.['time']).toBeInstanceOf(Date)
        expect(typeof rows[0]?.['value']).toBe('number')
      }
    }
  )

  test('its variables are queries that run', async () => {
    const source = dashboard.templating.list.find(({ name }) => name === 'source')
    const { rows } = await client.query(source?.query ?? '')
    expect(rows).toEqual([{ source: 'gw1' }])
  })

  test('who draws it sees no flow and no inside host', async () => {
    for (const table of [
      'ledger.flow',
      'ledger.source',
      'rollup.traffic_hour',
      'rollup.pool_day',
    ]) {
      await expect(client.query(`select * from ${table} limit 1`)).rejects.toThrow(
        /permission denied/
      )
    }
    const { rows } = await client.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'reports'`
    )
    expect(rows.length).toBe(30)
    for (const { name } of rows) {
      const { rows: some } = await client.query(`select * from reports.${name}`)
      expect(JSON.stringify(some), name).not.toContain('10.0.0.7')
    }
  })
})
