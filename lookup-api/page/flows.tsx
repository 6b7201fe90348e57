/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { Hono } from 'hono'
import type { ListedFlow } from '../contract.ts'
import type { Query } from './ask.ts'
import { Page } from './layout.tsx'
import { bytesText, Empty, Endpoint, None, Table, Time } from './parts/basics.tsx'
import { Field } from './parts/fields.tsx'
import { Pager } from './parts/pager.tsx'
import { render } from './render.ts'
import type { PageEnv, Visitor } from './visitor.ts'

/** `/flows`: rows of the ledger by time; what an answer rests on stands among them. */

interface FlowPage {
  readonly flows: readonly ListedFlow[]
  readonly next: string | null
}

const fields = ['from', 'to', 'tz', 'inside', 'public', 'approval'] as const

function Filter({ query }: { query: Query }) {
  return (
    <form method="get" action="/flows" class="filter">
      <Field name="from" label="Start from" value={query['from']} placeholder="-1h" size={24} />
      <Field name="to" label="to" value={query['to']} placeholder="now" size={24} />
      <Field name="tz" label="Zone" value={query['tz']} placeholder="as in the time" size={14} />
      <Field name="inside" label="Inside address" value={query['inside']} isCode size={18} />
      <Field name="public" label="Public address" value={query['public']} isCode size={18} />
      <Field name="approval" label="Approval" value={query['approval']} size={6} />
      <button type="submit">List</button>
    </form>
  )
}

function endOf(flow: ListedFlow, visitor: Visitor) {
  if (flow.open || flow.end === null) return 'open'
  return <Time at={flow.end} zone={visitor.zone} />
}

function FlowTable({ flows, visitor }: { flows: readonly ListedFlow[]; visitor: Visitor }) {
  return (
    <Table
      caption="Rows of the ledger, oldest first"
      columns={[
        'Start',
        'Released',
        'Protocol',
        'Inside',
        'Public',
        'Remote',
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
        bytesText(flow.bytes),
        flow.exporter,
        <code>{flow.record}</code>,
      ])}
    />
  )
}

export function flowRoutes(): Hono<PageEnv> {
  return new Hono<PageEnv>().get('/flows', async (c) => {
    const visitor = c.get('visitor')
    const query: Query = Object.fromEntries(fields.map((name) => [name, c.req.query(name)]))
    const cursor = c.req.query('cursor')
    const page = await visitor.api.get<FlowPage>('/v1/flows', { ...query, cursor, limit: '100' })
    return render(
      c,
      <Page title="Flows" visitor={visitor} wide>
        <h1>Flows</h1>
        <Filter query={query} />
        {page.flows.length === 0 ? (
          <Empty title="No flow of the ledger began in this time.">
            <p>
              Choose a longer time, or leave out an address. <a href="/sources">Sources</a> shows
              whether anything was watched then.
            </p>
          </Empty>
        ) : (
          <FlowTable flows={page.flows} visitor={visitor} />
        )}
        <Pager path="/flows" query={query} next={page.next} />
      </Page>
    )
  })
}
