/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { Hono } from 'hono'
import type { LiveFlowJson, LivePageJson } from '../live/live-contract.ts'
import type { Problem } from '../problem.ts'
import { ApiProblem } from './ask.ts'
import { Page } from './layout.tsx'
import { LiveTabs } from './live-unknown.tsx'
import { Chip, Empty, None, ProblemSummary } from './parts/basics.tsx'
import { endpointText } from './parts/basics.tsx'
import { Field } from './parts/fields.tsx'
import { render } from './render.ts'
import { utcText } from './times.ts'
import type { PageEnv, Visitor } from './visitor.ts'

/** `/live`: connections as they are classified; without scripts the last ones, by reloading. */

interface LiveProperties {
  readonly visitor: Visitor
  readonly filter: string
  readonly page?: LivePageJson
  readonly problem?: Problem
}

const columns = [
  'Time (UTC)',
  'Inside',
  'Remote',
  'Protocol',
  'Application',
  'Server',
  'Sure',
  'Why',
]

function Row({ flow }: { flow: LiveFlowJson }) {
  const rests = flow.evidence.filter((one) => one.lost_to === null)
  const lost = flow.evidence.filter((one) => one.lost_to !== null)
  return (
    <tr>
      <th scope="row">{utcText(flow.at).slice(11)}</th>
      <td>
        <code>{endpointText(flow.inside)}</code>
      </td>
      <td>
        <code>{endpointText(flow.remote)}</code>
      </td>
      <td>
        {flow.protocol} <small class="dim">{flow.transport}</small>
      </td>
      <td>
        {flow.application === null ? <None>not named</None> : <Chip>{flow.application}</Chip>}
      </td>
      <td>{flow.hostname ?? <None />}</td>
      <td class="number">{flow.confidence} %</td>
      <td class="why">
        {rests.map((one) => one.what).join('; ')}
        {lost.length === 0 ? null : (
          <small class="dim">
            {' '}
            against {lost.map((one) => `${one.speaks_for} (${one.what})`).join('; ')}
          </small>
        )}
      </td>
    </tr>
  )
}

function Filter({ filter, problem }: LiveProperties) {
  return (
    <form method="get" action="/live" class="filter">
      <Field
        name="filter"
        label="Only flows that meet"
        value={filter}
        placeholder="application == zoom || protocol == dns"
        size={48}
        isCode
        maxlength={2000}
        error={problem?.errors?.[0]?.detail}
      />
      <button type="submit">Filter</button>
    </form>
  )
}

function Watch({ page, filter }: { page: LivePageJson; filter: string }) {
  return (
    <>
      <p class="watching">
        <span id="live-state" role="status">
          The last {page.flows.length} that were classified.
        </span>{' '}
        <button type="button" id="live-pause" hidden aria-pressed="false">
          Pause
        </button>{' '}
        <a href="" id="live-reload">
          Reload for newer ones
        </a>
      </p>
      <div class="scroll" role="region" aria-label="Flows, newest first" tabindex={0}>
        <table id="live" data-after={String(page.last)} data-filter={filter}>
          <caption class="hidden">Flows, newest first</caption>
          <thead>
            <tr>
              {columns.map((title) => (
                <th scope="col" class={title === 'Sure' ? 'number' : undefined}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {page.flows.toReversed().map((flow) => (
              <Row flow={flow} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

function LiveView(properties: LiveProperties) {
  const { visitor, page, problem, filter } = properties
  return (
    <Page title="Live" visitor={visitor} script="live.js" wide>
      <h1>Live</h1>
      <LiveTabs here="live" />
      {problem === undefined || problem.code === 'not-running' ? null : (
        <ProblemSummary problem={problem} idOf={(name) => name} />
      )}
      <Filter {...properties} />
      {problem?.code === 'not-running' ? (
        <Empty title="No connection is classified in this process.">
          <p>
            Run <code>flowledger capture install</code> on the gateway and set{' '}
            <code>collector.capture</code> for <code>flowledger up</code>. Where{' '}
            <code>collect</code> and <code>serve</code> run apart, read the stream of the collector.
          </p>
        </Empty>
      ) : null}
      {page === undefined ? null : <Watch page={page} filter={filter} />}
    </Page>
  )
}

export function liveRoutes(): Hono<PageEnv> {
  return new Hono<PageEnv>().get('/live', async (c) => {
    const visitor = c.get('visitor')
    const filter = c.req.query('filter')?.trim() ?? ''
    try {
      const page = await visitor.api.get<LivePageJson>('/v1/live', { filter })
      return render(c, <LiveView {...{ visitor, filter, page }} />)
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.problem.code === 'forbidden') throw error
      const { problem, status } = error
      const shown = problem.code === 'not-running' ? 200 : status
      return render(c, <LiveView {...{ visitor, filter, problem }} />, shown)
    }
  })
}
