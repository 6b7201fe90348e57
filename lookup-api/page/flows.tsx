/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { Hono } from 'hono'
import type { ListedFlow } from '../contract.ts'
import { queryText } from './ask.ts'
import type { Query } from './ask.ts'
import { Page } from './layout.tsx'
import { bytesText, Chip, Empty, Endpoint, None, Table, Time } from './parts/basics.tsx'
import { Choice, Field } from './parts/fields.tsx'
import { Pager } from './parts/pager.tsx'
import { render } from './render.ts'
import type { PageEnv, Visitor } from './visitor.ts'

/** `/flows`: rows of the ledger by time; what an answer rests on stands among them. */

const pageRows = 100

interface FlowPage {
  readonly flows: readonly ListedFlow[]
  readonly next: string | null
}

const fields = ['from', 'to', 'tz', 'inside', 'public', 'approval', 'order', 'search'] as const

const orders = [
  ['newest', 'newest'],
  ['oldest', 'oldest'],
] as const

function Filter({ query }: { query: Query }) {
  return (
    <form method="get" action="/flows" class="filter">
      <Field name="from" label="Start from" value={query['from']} placeholder="-1h" size={24} />
      <Field name="to" label="to" value={query['to']} placeholder="now" size={24} />
      <Field name="tz" label="Zone" value={query['tz']} placeholder="as in the time" size={14} />
      <Field name="inside" label="Inside address" value={query['inside']} isCode size={18} />
      <Field name="public" label="Public address" value={query['public']} isCode size={18} />
      <Choice name="order" label="First" value={query['order']} choices={orders} />
      <Field name="approval" label="Approval" value={query['approval']} size={6} />
      <button type="submit">List</button>
    </form>
  )
}

function endOf(flow: ListedFlow, visitor: Visitor) {
  if (flow.open || flow.end === null) return 'open'
  return <Time at={flow.end} zone={visitor.zone} />
}

/** What the connection was found to be, as far as it was. */
function Named({ flow }: { flow: ListedFlow }) {
  const { application, protocol_name: spoken, hostname } = flow
  if (application === null && spoken === null && hostname === null) return <None>not named</None>
  return (
    <>
      {application === null ? null : <Chip>{application}</Chip>} {hostname ?? ''}{' '}
      {spoken === null ? null : <small class="dim">{spoken}</small>}
    </>
  )
}

interface FlowTableProperties {
  readonly flows: readonly ListedFlow[]
  readonly order: string
  readonly visitor: Visitor
}

function FlowTable({ flows, order, visitor }: FlowTableProperties) {
  return (
    <Table
      kind="flows"
      caption={`Rows of the ledger, ${order} first`}
      columns={[
        'Start',
        'Released',
        'Protocol',
        'Inside',
        'Public',
        'Remote',
        'Named',
        { title: 'Bytes', isNumber: true },
        'Source',
        'Record',
      ]}
      rows={flows.map((flow) => [
        <Time at={flow.start} zone={visitor.zone} />,
        endOf(flow, visitor),
        flow.protocol,
        <Endpoint of={flow.inside} />,
        <Endpoint of={flow.public} />,
        flow.remote.ip === '::' && flow.remote.port === 0 ? (
          <None>not logged</None>
        ) : (
          <Endpoint of={flow.remote} />
        ),
        <Named flow={flow} />,
        <span class="together">{bytesText(flow.bytes)}</span>,
        flow.exporter,
        <code>{flow.record}</code>,
      ])}
    />
  )
}

/** Not all of the time was looked through: where to go on from, and how to have the rest of it. */
function CutShort({ query, next }: { query: Query; next: string | null }) {
  const from = (search: string): string =>
    `/flows${queryText({ ...query, search, cursor: next ?? undefined })}`
  return (
    <div class="notice">
      <p>
        There is little to be found, and the time was not looked through to its end.{' '}
        <a href={from('short')}>Look a little further</a> or{' '}
        <a href={from('whole')}>through all that is left</a>, which may take a while.
      </p>
    </div>
  )
}

export function flowRoutes(): Hono<PageEnv> {
  return new Hono<PageEnv>().get('/flows', async (c) => {
    const visitor = c.get('visitor')
    const query: Query = Object.fromEntries(fields.map((name) => [name, c.req.query(name)]))
    const cursor = c.req.query('cursor')
    // People look for what was just now, and are not kept waiting where there is little to find.
    const order = query['order'] || 'newest'
    const search = query['search'] || 'short'
    const asked = { ...query, order, search, cursor, limit: pageRows.toString() }
    const page = await visitor.api.get<FlowPage>('/v1/flows', asked)
    const isCutShort = page.next !== null && page.flows.length < pageRows
    return render(
      c,
      <Page title="Flows" visitor={visitor} wide>
        <h1>Flows</h1>
        <Filter query={query} />
        {page.flows.length > 0 && <FlowTable flows={page.flows} order={order} visitor={visitor} />}
        {isCutShort && <CutShort query={query} next={page.next} />}
        {page.flows.length === 0 && !isCutShort && (
          <Empty title="No flow of the ledger began in this time.">
            <p>
              Choose a longer time, or leave out an address. <a href="/sources">Sources</a> shows
              whether anything was watched then.
            </p>
          </Empty>
        )}
        {!isCutShort && <Pager path="/flows" query={query} next={page.next} />}
      </Page>
    )
  })
}
