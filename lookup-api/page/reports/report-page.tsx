/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Cell, Report } from '../../reports/contract.ts'
import type { ReportKind } from '../../reports/context.ts'
import { queryText } from '../ask.ts'
import type { Query } from '../ask.ts'
import { Page } from '../layout.tsx'
import { Empty, Facts, None, Table, Time } from '../parts/basics.tsx'
import { Choice, Field } from '../parts/fields.tsx'
import { Tabs } from '../parts/tabs.tsx'
import { durationText } from '../times.ts'
import type { Visitor } from '../visitor.ts'
import { Plot } from './plot.tsx'
import { quantityText } from './quantities.ts'

/** A report: figures, plot, and the table that says the same. */

const titles: Readonly<Record<string, string>> = {
  traffic: 'Traffic',
  applications: 'Applications',
  'nat-pool': 'NAT pool',
  talkers: 'Talkers',
  exporters: 'Exporters',
  storage: 'Storage',
}

export const titleOf = (name: string): string => titles[name] ?? name

const ranges = [
  ['-1h', 'hour'],
  ['-24h', 'day'],
  ['-7d', 'week'],
  ['-30d', '30 days'],
  ['-365d', 'year'],
] as const

interface ReportProperties {
  readonly visitor: Visitor
  readonly name: string
  readonly kind: ReportKind
  /** Reports that the visitor may see. */
  readonly names: readonly string[]
  readonly query: Query
  readonly report: Report
}

function RangeLinks({ name, query }: Pick<ReportProperties, 'name' | 'query'>) {
  const { step: _, to: __, ...rest } = query
  const here = query['from'] ?? '-24h'
  return (
    <Tabs
      label="Time"
      here={query['to'] === undefined ? here : ''}
      tabs={ranges.map(([from, title]) => {
        return [from, `Last ${title}`, `/reports/${name}${queryText({ ...rest, from })}`] as const
      })}
    />
  )
}

/** What people call a metric otherwise than the API does. */
const metricTexts: Readonly<Record<string, string>> = {
  octets: 'traffic',
  slices: 'records',
  p95: '95th percentile',
  max: 'maximum',
}

const choices = (all: readonly string[]): (readonly [string, string])[] =>
  all.map((one) => [one, metricTexts[one] ?? one.replaceAll('_', ' ')] as const)

function Filter({ name, kind, query }: Pick<ReportProperties, 'name' | 'kind' | 'query'>) {
  return (
    <form method="get" action={`/reports/${name}`} class="filter">
      {kind.by.length > 1 ? (
        <Choice name="by" label="By" value={query['by']} choices={choices(kind.by)} />
      ) : null}
      {kind.metric.length > 1 ? (
        <Choice name="metric" label="Of" value={query['metric']} choices={choices(kind.metric)} />
      ) : null}
      <Field name="from" label="From" value={query['from']} placeholder="-24h" size={22} />
      <Field name="to" label="To" value={query['to']} placeholder="now" size={22} />
      <Field name="step" label="Step" value={query['step']} placeholder="as fits" size={6} />
      <Field name="source" label="Source" value={query['source']} placeholder="all" size={12} />
      <Field name="limit" label="Series" value={query['limit']} placeholder="10" size={3} />
      <button type="submit">Show</button>
    </form>
  )
}

function cellText(cell: Cell | undefined, unit: string) {
  if (cell === null || cell === undefined) return <None>not known</None>
  return typeof cell === 'number' ? quantityText(cell, unit) : cell
}

function ReportTable({ report }: { report: Report }) {
  const { columns, rows } = report.table
  return (
    <Table
      caption={`${report.title}, as a table`}
      columns={columns.map(({ title, key }) => ({
        title,
        isNumber: rows.some((row) => typeof row[key] === 'number'),
      }))}
      rows={rows.map((row) => columns.map(({ key, unit }) => cellText(row[key], unit)))}
    />
  )
}

function Figures({ report: { figures } }: { report: Report }) {
  if (figures.length === 0) return null
  return (
    <dl class="figures">
      {figures.map(({ title, value, unit, method }) => (
        <div>
          <dt>{title}</dt>
          <dd>
            {value === null ? <None>cannot be said</None> : quantityText(value, unit)}
            <small>{method}</small>
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** True where nothing at all was written for the time. */
const isEmpty = ({ series, table }: Report): boolean =>
  table.rows.length === 0 &&
  series.every(({ values }) => values.every((value) => value === null || value === 0))

export function ReportPage(properties: ReportProperties) {
  const { visitor, name, names, query, report } = properties
  const csv = (part: string): string => `/reports/${name}.csv${queryText({ ...query, part })}`
  return (
    <Page title={`${report.title}: report`} visitor={visitor} script="plot.js" wide>
      <h1>{report.title}</h1>
      <Tabs
        label="Reports"
        here={name}
        tabs={names.map((one) => [one, titleOf(one), `/reports/${one}`] as const)}
      />
      <RangeLinks name={name} query={query} />
      <Filter {...properties} />
      {isEmpty(report) ? (
        <Empty title="There is nothing in this time.">
          <p>
            Sums are written while flows are collected: look at a later time, or at{' '}
            <a href="/sources">Sources</a> to see what is heard.
          </p>
        </Empty>
      ) : (
        <>
          <Figures report={report} />
          <Plot report={report} />
        </>
      )}
      {report.notes.length === 0 ? null : (
        <ul class="reasons">
          {report.notes.map((note) => (
            <li>{note}</li>
          ))}
        </ul>
      )}
      <h2>
        Table{' '}
        <small class="dim">
          {report.table.rows.length} {report.table.rows.length === 1 ? 'row' : 'rows'}
        </small>
      </h2>
      <ReportTable report={report} />
      <p class="no-print">
        <a href={csv('table')}>Table as CSV</a> · <a href={csv('series')}>Plot as CSV</a>
      </p>
      <Facts
        rows={[
          ['From', <Time at={report.from} zone={visitor.zone} />],
          ['To', <Time at={report.to} zone={visitor.zone} />],
          ['Step', durationText(report.step_seconds)],
          ['Read from', `sums of a ${report.resolution.replaceAll('_', ' ')}`],
        ]}
      />
    </Page>
  )
}
