/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { Hono } from 'hono'
import type { CoveragePage } from '../../contract.ts'
import type { ExporterDetailJson, ExporterJson } from '../../routes/exporters.ts'
import type { Query } from '../ask.ts'
import { Page } from '../layout.tsx'
import { Chip, countText, Empty, None, Table, Time } from '../parts/basics.tsx'
import { CoverageBar } from '../parts/coverage.tsx'
import { Tabs } from '../parts/tabs.tsx'
import { render } from '../render.ts'
import { durationText } from '../times.ts'
import type { PageEnv, Visitor } from '../visitor.ts'
import { ExporterPage } from './exporter-page.tsx'
import { healthOf } from './health.ts'

/** `/sources`: what is heard, how well, and what of it could not be read. */

const ranges = [
  ['-1h', 'Last hour'],
  ['-24h', 'Last day'],
  ['-7d', 'Last week'],
] as const

function known(at: string | null, visitor: Visitor) {
  return at === null ? <None>never</None> : <Time at={at} zone={visitor.zone} />
}

/** `3: overrun, restart` */
function gapWords(gaps: CoveragePage['gaps']): string {
  return `${gaps.length}: ${[...new Set(gaps.map(({ reason }) => reason))].join(', ')}`
}

function SourceTable({ page, visitor }: { page: CoveragePage; visitor: Visitor }) {
  if (page.sources.length === 0) {
    return (
      <Empty title="Nothing was heard of any source yet.">
        <p>
          Start <code>flowledger up</code> on the gateway, or point an exporter of NetFlow or IPFIX
          at it. <code>flowledger doctor</code> says what is missing.
        </p>
      </Empty>
    )
  }
  const gapsOf = (name: string) => page.gaps.filter(({ source }) => source === name)
  return (
    <Table
      caption="Sources"
      columns={[
        'Source',
        'Kind',
        'Gaps',
        'Watched from',
        'Known up to',
        { title: 'Clock off by up to', isNumber: true },
      ]}
      rows={page.sources.map((one) => {
        const gaps = gapsOf(one.source)
        return [
          one.source,
          one.kind,
          one.watched_from === null ? (
            <Chip>never watched</Chip>
          ) : gaps.length === 0 ? (
            <Chip tone="sure">none</Chip>
          ) : (
            <Chip tone="unsure">{gapWords(gaps)}</Chip>
          ),
          known(one.watched_from, visitor),
          known(one.watermark, visitor),
          durationText(one.skew_seconds),
        ]
      })}
    />
  )
}

function ExporterTable(properties: { exporters: readonly ExporterJson[]; visitor: Visitor }) {
  const { exporters, visitor } = properties
  if (exporters.length === 0) {
    return (
      <Empty title="No exporter of NetFlow or IPFIX is heard.">
        <p>
          Let a router send to the address of <code>collector.netflow.listen</code>, by default
          127.0.0.1:2055 with <code>up</code>.
        </p>
      </Empty>
    )
  }
  return (
    <Table
      caption="Exporters of NetFlow and IPFIX"
      columns={[
        'Exporter',
        'Health',
        'Version',
        'Last heard',
        { title: 'Records', isNumber: true },
        { title: 'Lost', isNumber: true },
        { title: 'Templates', isNumber: true },
        { title: 'Without template', isNumber: true },
        { title: 'Bad datagrams', isNumber: true },
      ]}
      rows={exporters.map((one) => {
        const { tone, words } = healthOf(one)
        return [
          <a href={`/sources/exporters/${encodeURIComponent(one.name)}`}>{one.name}</a>,
          <Chip tone={tone}>{words}</Chip>,
          one.version === 10 ? 'IPFIX' : `v${one.version}`,
          known(one.last_heard, visitor),
          countText(one.records),
          countText(one.lost),
          countText(one.templates),
          countText(one.waiting_sets + one.missing_template),
          countText(one.bad_datagrams),
        ]
      })}
    />
  )
}

export function sourceRoutes(): Hono<PageEnv> {
  return new Hono<PageEnv>()
    .get('/sources', async (c) => {
      const visitor = c.get('visitor')
      const from = ranges.find(([one]) => one === c.req.query('from'))?.[0] ?? '-1h'
      const query: Query = { from }
      const [coverage, { exporters }] = await Promise.all([
        visitor.api.get<CoveragePage>('/v1/coverage', query),
        visitor.api.get<{ exporters: ExporterJson[] }>('/v1/exporters'),
      ])
      return render(
        c,
        <Page title="Sources" visitor={visitor} wide>
          <h1>Sources</h1>
          <Tabs
            label="Time"
            here={from}
            tabs={ranges.map(([one, title]) => [one, title, `/sources?from=${one}`] as const)}
          />
          <CoverageBar
            coverage={coverage}
            from={coverage.from}
            to={coverage.to}
            sources={coverage.sources.map((one) => ({
              name: one.source,
              isWatching: one.watched_from !== null,
            }))}
            zone={visitor.zone}
          />
          <SourceTable page={coverage} visitor={visitor} />
          <h2>Exporters</h2>
          <ExporterTable exporters={exporters} visitor={visitor} />
        </Page>
      )
    })
    .get('/sources/exporters/:name', async (c) => {
      const visitor = c.get('visitor')
      const path = `/v1/exporters/${encodeURIComponent(c.req.param('name'))}`
      const exporter = await visitor.api.get<ExporterDetailJson>(path)
      return render(c, <ExporterPage exporter={exporter} visitor={visitor} />)
    })
}
