/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { HoldJson } from '../../cases/present.ts'
import { Page } from '../layout.tsx'
import { Empty } from '../parts/basics.tsx'
import { Pager } from '../parts/pager.tsx'
import { Tabs } from '../parts/tabs.tsx'
import type { Visitor } from '../visitor.ts'
import { HoldTable } from './case-page.tsx'

interface HoldListProperties {
  readonly visitor: Visitor
  readonly holds: readonly HoldJson[]
  readonly next: string | null
  readonly state: string
}

/** Every hold, with those that belong to no case. */
export function HoldList({ visitor, holds, next, state }: HoldListProperties) {
  return (
    <Page title="Holds" visitor={visitor} wide>
      <p class="crumb">
        <a href="/cases">Cases</a>
      </p>
      <h1>Holds</h1>
      <Tabs
        label="Which holds"
        here={state}
        tabs={[
          ['in-force', 'In force', '/holds?state=in-force'],
          ['ended', 'Ended', '/holds?state=ended'],
        ]}
      />
      {holds.length === 0 ? (
        <Empty title={state === 'ended' ? 'No hold has ended.' : 'Nothing is held.'}>
          <p>
            A hold keeps records whatever the retention says. Place one from its{' '}
            <a href="/cases">case</a>.
          </p>
        </Empty>
      ) : (
        <HoldTable holds={holds} visitor={visitor} />
      )}
      <Pager path="/holds" query={{ state }} next={next} />
    </Page>
  )
}
