import { beforeAll, describe, expect, test } from 'vitest'
import { reportSchema } from '../../../lookup-api/reports/contract.ts'
import type { Report } from '../../../lookup-api/reports/contract.ts'
import { rollupDimensions } from '../../../model/rollup.ts'
import type { RollupDimension, RollupWidth } from '../../../model/rollup.ts'
import { formatInstant } from '../../../model/time.ts'
import { connect } from '../../../store/connect.ts'
import { skipPostgres } from '../../postgres.ts'
import { useAccessLab } from '../access-lab.ts'
import { problem } from '../api.ts'

describe.skipIf(skipPostgres)('GET /v1/reports', () => {
  const lab = useAccessLab()
  const hourUs = 3_600e6
  let token = ''
  let nowUs = 0
  let baseUs = 0

  beforeAll(async () => {
    token = await lab.token({ role: 'investigator' })
    nowUs = lab.world.dependencies.nowUs()
    baseUs = Math.floor(nowUs / hourUs) * hourUs - 5 * hourUs
    const owner = await connect(lab.postgres.urls.owner)
    await owner.query(
      "insert into ledger.source (name, kind) values ('gw1', 'netflow'), ('gw2', 'netflow')"
    )
    const add = (
      width: RollupWidth,
      dimension: RollupDimension,
      hour: number,
      item: string,
      octets: number,
      source = 1
    ) =>
      owner.query(
        `insert into rollup.traffic_${width} (at, octets, reverse_octets, packets, reverse_packets,
           connections, slices, dimension, source, item)
         values ($1, $2::int8, $2::int8 * 2, 3, 4, 5, 6, $3, $4, $5)`,
        [formatInstant(baseUs + hour * hourUs), octets, rollupDimensions[dimension], source, item]
      )
    for (const [hour, tls] of [900, 1800, 0, 2700].entries()) {
      if (tls > 0) await add('hour', 'application', hour, '=cmd|calc', tls)
      await add('hour', 'application', hour, 'unknown', 90)
      await add('hour', 'application', hour, 'other', 8990)
      await add('hour', 'application', hour, 'other', 10, 2)
      await add('hour', 'total', hour, '', tls + 9080)
      await add('five_minutes', 'total', hour, '', 1e6 * (hour + 1))
      await add('hour', 'total', hour, '', 10, 2)
    }
    await add('hour', 'inside', 0, '10.0.0.7', 5)
    await owner.end()
  })

  const at = (hour: number): string => formatInstant(baseUs + hour * hourUs)

  async function ask(name: string, query = '', headers: Record<string, string> = {}) {
    const path = `/v1/reports/${name}?from=${at(0)}&to=${at(4)}&step=1h${query}`
    return await lab.send('GET', path, { token, headers })
  }

  async function report(name: string, query = ''): Promise<Report> {
    const response = await ask(name, query)
    expect(response.status).toBe(200)
    return reportSchema.parse(await response.json())
  }

  test('series are rates, the greatest first and the rest last', async () => {
    const got = await report('applications')
    expect(got).toMatchObject({ from: at(0), to: at(4), step_seconds: 3600, resolution: 'hour' })
    expect(got.times).toEqual([0, 1, 2, 3].map(at))
    expect(got.series).toEqual([
      { name: '=cmd|calc', is_rest: false, values: [6, 12, 0, 18] },
      { name: 'unknown', is_rest: false, values: [0.6, 0.6, 0.6, 0.6] },
      { name: 'other', is_rest: true, values: [60, 60, 60, 60] },
    ])
    expect(got.table.rows[0]).toMatchObject({ name: '=cmd|calc', octets: 5400, connections: 15 })
  })

  test('what has no series of its own is added to the rest', async () => {
    const got = await report('applications', '&limit=1')
    expect(got.series.map(({ name }) => name)).toEqual(['=cmd|calc', 'other'])
    expect(got.series[1]?.values[0]).toBeCloseTo(60.6)
  })

  test('as CSV nothing in it is a formula', async () => {
    const response = await ask('applications', '', { Accept: 'text/csv' })
    expect(response.headers.get('content-type')).toContain('text/csv')
    const lines = (await response.text()).split('\n')
    expect(lines[0]).toBe("time,'=cmd|calc,unknown,other")
    expect(lines[1]).toBe(`${at(0)},6,0.6,60`)
    const table = await (await ask('applications', '&part=table', { Accept: 'text/csv' })).text()
    expect(table.split('\n')[1]).toMatch(/^'=cmd\|calc,5400,10800,/)
  })

  test('the 95th percentile is the nearest rank, silence counted as nothing', async () => {
    const got = await report('traffic', '&by=source&source=gw1')
    // 37 samples from the first to the last, four of which are not 0: the 36th smallest is the
    // second greatest.
    const [figure] = got.figures
    expect(figure).toMatchObject({ key: 'p95', value: (3e6 * 3 * 8) / 300, unit: 'bit/s' })
    expect(got.table.rows[0]).toMatchObject({ name: 'gw1', p95: figure?.value })
    expect((await report('traffic', '&by=source')).series.map(({ name }) => name)).toEqual([
      'gw1',
      'gw2',
    ])
  })

  test('talkers need a right of their own, and are on record', async () => {
    const desk = await lab.token({ role: 'abuse-desk' })
    const path = `/v1/reports/talkers?from=${at(0)}`
    expect((await problem(await lab.send('GET', path, { token: desk }))).code).toBe('forbidden')
    expect((await report('talkers')).series[0]?.name).toBe('10.0.0.7')
    expect((await lab.audit())[0]).toMatchObject({ action: 'report-talkers' })
  })

  test.each(['nat-pool', 'exporters', 'storage'])(
    '%s is empty where nothing was written',
    async (name) => {
      const got = await report(name, name === 'exporters' ? '&source=gw2' : '')
      expect(got.times.length).toBe(4)
    }
  )

  test.each([
    ['from=-20000d', 'from'],
    ['from=now&to=-1h', 'from'],
    ['step=7s', 'step'],
    ['step=1500us', 'step'],
    ['by=host', 'by'],
    ['metric=money', 'metric'],
    ['limit=0', 'limit'],
    ['limit=51', 'limit'],
    ['source=nobody', 'source'],
    ['form=-1h', 'form'],
  ])('%s is refused by name', async (query, field) => {
    const response = await lab.send('GET', `/v1/reports/traffic?${query}`, { token })
    expect(response.status).toBe(400)
    expect(JSON.stringify(await response.json())).toContain(`#/${field}`)
  })

  test('a step that is too fine is made coarser, with a note', async () => {
    const path = '/v1/reports/traffic?from=-4000d&step=1m'
    const got = reportSchema.parse(await (await lab.send('GET', path, { token })).json())
    expect(got.times.length).toBeLessThanOrEqual(1500)
    expect(got.notes.join(' ')).toContain('not 1')
  })
})
