/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { caseStatuses } from '../../../model/case.ts'
import type { CaseStatus } from '../../../model/case.ts'
import type { CaseJson } from '../../cases/present.ts'
import { CsrfField, Page } from '../layout.tsx'
import { Chip, Empty, None, Table, Time } from '../parts/basics.tsx'
import type { Tone } from '../parts/basics.tsx'
import { Field } from '../parts/fields.tsx'
import { Pager } from '../parts/pager.tsx'
import { Tabs } from '../parts/tabs.tsx'
import { durationText } from '../times.ts'
import type { Visitor } from '../visitor.ts'

/** The cases, and a form that opens one. */

export const statusTones: Readonly<Record<CaseStatus, Tone>> = {
  open: 'unsure',
  waiting: 'plain',
  answered: 'sure',
  closed: 'plain',
}

/** When something is due, and how long that is; past dates are said to be past. */
export function Due({ at, nowMs, visitor }: { at: string; nowMs: number; visitor: Visitor }) {
  const seconds = (Date.parse(at) - nowMs) / 1000
  const isOver = seconds < 0
  return (
    <>
      <Chip tone={isOver ? 'bad' : seconds < 2 * 86_400 ? 'unsure' : 'plain'}>
        {isOver ? `${durationText(-seconds)} over` : `in ${durationText(seconds)}`}
      </Chip>{' '}
      <Time at={at} zone={visitor.zone} />
    </>
  )
}

interface ListProperties {
  readonly visitor: Visitor
  readonly cases: readonly CaseJson[]
  readonly next: string | null
  readonly status: string
  readonly nowMs: number
}

export function CaseList({ visitor, cases, next, status, nowMs }: ListProperties) {
  const tabs = ['', ...caseStatuses].map((one) => {
    const title = one === '' ? 'All' : one[0]?.toUpperCase() + one.slice(1)
    return [one, title, one === '' ? '/cases' : `/cases?status=${one}`] as const
  })
  return (
    <Page title="Cases" visitor={visitor}>
      <h1>Cases</h1>
      <Tabs label="Cases by status" here={status} tabs={tabs} />
      {cases.length === 0 ? (
        <Empty title={status === '' ? 'There is no case yet.' : `No case is ${status}.`}>
          <p>
            A case keeps together what belongs to one letter.{' '}
            <a href="/notices">Paste the letter</a> and have one opened, or open one here.
          </p>
        </Empty>
      ) : (
        <Table
          caption="Cases, newest first"
          columns={['Reference', 'Title', 'Status', 'Due', 'Opened', 'By']}
          rows={cases.map((one) => [
            <a href={`/cases/${one.id}`}>{one.reference}</a>,
            one.title,
            <Chip tone={statusTones[one.status]}>{one.status}</Chip>,
            one.due === null ? <None /> : <Due at={one.due} nowMs={nowMs} visitor={visitor} />,
            <Time at={one.opened} zone={visitor.zone} />,
            one.opened_by,
          ])}
        />
      )}
      {visitor.principal.rights.has('holds') ? (
        <p>
          <a href="/holds">Holds</a>, those without a case too
        </p>
      ) : null}
      <Pager path="/cases" query={{ status }} next={next} />
      <form method="post" action="/cases" class="open-case">
        <h2>Open a case</h2>
        <CsrfField visitor={visitor} />
        <div class="row">
          <Field name="title" label="Title" required maxlength={300} size={40} />
          <Field name="reference" label="Reference, else one is made" maxlength={200} />
          <button type="submit">Open</button>
        </div>
      </form>
    </Page>
  )
}
