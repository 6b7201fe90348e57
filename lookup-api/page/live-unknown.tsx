/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { Hono } from 'hono'
import type { UnknownClustersJson } from '../routes/live-unknown.ts'
import { formatInstant } from '../../model/time.ts'
import { ApiProblem } from './ask.ts'
import { Page } from './layout.tsx'
import { countText, Empty, None, Table, Time } from './parts/basics.tsx'
import { Tabs } from './parts/tabs.tsx'
import { render } from './render.ts'
import type { PageEnv, Visitor } from './visitor.ts'

/** `/live/unknown`: connections that nothing recognised, those alike in one row. */

type Cluster = UnknownClustersJson['clusters'][number]

/** Rows that a person reads. */
const shown = '200'

/** The two views of what passes. */
export const LiveTabs = ({ here }: { here: 'live' | 'unknown' }) => (
  <Tabs
    label="What passes"
    here={here}
    tabs={[
      ['live', 'As it is classified', '/live'],
      ['unknown', 'What nothing recognised', '/live/unknown'],
    ]}
  />
)

function Said({ side }: { side: Cluster['client'] }) {
  if (side.most === 0) return <None>nothing</None>
  const octets = side.least === side.most ? `${side.least}` : `${side.least} to ${side.most}`
  return (
    <>
      {octets} octets {side.begins === '' ? null : <code>{side.begins}</code>}
    </>
  )
}

function portsText({ ports }: Cluster): string {
  const texts = ports.slice(0, 4).map(({ port }) => String(port))
  return ports.length > texts.length ? `${texts.join(', ')}, …` : texts.join(', ')
}

const cellsOf = (cluster: Cluster, visitor: Visitor) => [
  countText(cluster.flows),
  cluster.transport.toUpperCase(),
  portsText(cluster),
  <Said side={cluster.client} />,
  <Said side={cluster.server} />,
  <code>{cluster.example.join(' ')}</code>,
  <Time at={formatInstant(cluster.last_us)} zone={visitor.zone} />,
]

function Clusters({ unknown, visitor }: { unknown: UnknownClustersJson; visitor: Visitor }) {
  const { clusters, flows, forgotten } = unknown
  if (clusters.length === 0) {
    return (
      <Empty title="Everything that spoke was recognised.">
        <p>Connections stand here once the search for their protocol has ended.</p>
      </Empty>
    )
  }
  return (
    <>
      <p>
        {countText(flows)} connections since the program was started.
        {forgotten === 0 ? null : ` ${countText(forgotten)} more are not kept.`}
      </p>
      <Table
        caption="Connections that nothing recognised, those alike together"
        columns={[
          { title: 'Connections', isNumber: true },
          'Transport',
          'Ports',
          'The client begins with',
          'The server begins with',
          'Such as',
          'Last began',
        ]}
        rows={clusters.map((cluster) => cellsOf(cluster, visitor))}
      />
    </>
  )
}

export function liveUnknownRoutes(): Hono<PageEnv> {
  return new Hono<PageEnv>().get('/live/unknown', async (c) => {
    const visitor = c.get('visitor')
    const unknown = await visitor.api
      .get<UnknownClustersJson>('/v1/live/unknown', { limit: shown })
      .catch((error: unknown) => {
        if (error instanceof ApiProblem && error.problem.code === 'not-running') return undefined
        throw error
      })
    return render(
      c,
      <Page title="Not recognised" visitor={visitor} wide>
        <h1>Live</h1>
        <LiveTabs here="unknown" />
        {unknown === undefined ? (
          <Empty title="No connection is classified in this process.">
            <p>
              Set <code>collector.capture</code> for <code>flowledger up</code>.
            </p>
          </Empty>
        ) : (
          <Clusters unknown={unknown} visitor={visitor} />
        )}
      </Page>
    )
  })
}
