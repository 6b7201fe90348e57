/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { caseStatuses } from '../../../model/case.ts'
import { deadlinePresets } from '../../../model/deadlines.ts'
import type { HoldJson } from '../../cases/present.ts'
import type { Problem } from '../../problem.ts'
import { CsrfField, Page } from '../layout.tsx'
import { Chip, None, ProblemSummary, Table, Time } from '../parts/basics.tsx'
import { FileButtons } from '../parts/file-buttons.tsx'
import { Choice, Field, Words } from '../parts/fields.tsx'
import { Pager } from '../parts/pager.tsx'
import type { FormFields, Visitor } from '../visitor.ts'
import { field } from '../visitor.ts'
import type { CaseDetail } from './case-detail.ts'
import { History } from './history.tsx'
import { Due, statusTones } from './list.tsx'

/** A case: what it is, what has to be done, and what was done. */

export interface CaseProperties {
  readonly detail: CaseDetail
  readonly visitor: Visitor
  readonly nowMs: number
  /** What could not be done, and the form that was sent: nothing that was written is lost. */
  readonly problem?: Problem | undefined
  readonly draft?: FormFields
}

/** The version that a change is made on goes with every form: two tabs cannot undo each other. */
function Version({ detail, visitor }: CaseProperties) {
  return (
    <>
      <CsrfField visitor={visitor} />
      <input type="hidden" name="version" value={String(detail.version)} />
    </>
  )
}

function StatusForm(properties: CaseProperties) {
  const { detail, draft = {} } = properties
  const others = caseStatuses.filter((status) => status !== detail.status)
  return (
    <form method="post" action={`/cases/${detail.id}/status`} class="row">
      <Version {...properties} />
      <Choice
        name="status"
        label="Change the status to"
        value={field(draft, 'status')}
        choices={others.map((status) => [status, status] as const)}
      />
      <Field name="reason" label="Reason" value={field(draft, 'reason')} size={40} />
      <button type="submit">Change</button>
    </form>
  )
}

function WriteForm(properties: CaseProperties) {
  const { detail, draft = {} } = properties
  const path = `/cases/${detail.id}`
  return (
    <section>
      <h2>Write</h2>
      <form method="post" action={`${path}/notes`} class="stack">
        <Version {...properties} />
        <Words name="text" label="Note" value={field(draft, 'text')} required maxlength={20_000} />
        <button type="submit">Add the note</button>
      </form>
      <form method="post" action={`${path}/decisions`} class="stack">
        <Version {...properties} />
        <Field
          name="decision"
          label="Decision"
          value={field(draft, 'decision')}
          required
          maxlength={300}
          size={60}
          placeholder="forward to the subscriber"
        />
        <Words
          id="decision-reason"
          name="reason"
          label="Reason of the decision"
          rows={2}
          value={field(draft, 'reason')}
        />
        <button type="submit">Record the decision</button>
      </form>
    </section>
  )
}

function Deadlines(properties: CaseProperties) {
  const { detail, visitor, nowMs } = properties
  const path = `/cases/${detail.id}/deadlines`
  return (
    <section>
      <h2>Deadlines</h2>
      {detail.deadlines.length === 0 ? <p class="dim">No deadline is set.</p> : null}
      {detail.deadlines.length === 0 ? null : (
        <Table
          caption="Deadlines"
          columns={['What', 'Due', 'Basis', 'Met']}
          rows={detail.deadlines.map((one) => [
            one.name,
            one.met === null ? (
              <Due at={one.due} nowMs={nowMs} visitor={visitor} />
            ) : (
              <Time at={one.due} zone={visitor.zone} />
            ),
            one.basis,
            one.met === null ? (
              <form method="post" action={`${path}/${one.id}/met`}>
                <CsrfField visitor={visitor} />
                <button type="submit">It was met</button>
              </form>
            ) : (
              <>
                <Time at={one.met} zone={visitor.zone} /> by {one.met_by}
              </>
            ),
          ])}
        />
      )}
      <details>
        <summary>Set a deadline</summary>
        <form method="post" action={path} class="row">
          <CsrfField visitor={visitor} />
          <Choice
            name="preset"
            label="Rule"
            choices={deadlinePresets.map(({ name, title }) => [name, title] as const)}
            hint="None is a default: what applies is for counsel to say."
          />
          <Field name="from" label="Counts from" placeholder="now" />
          <button type="submit">Set by the rule</button>
        </form>
        <form method="post" action={path} class="row">
          <CsrfField visitor={visitor} />
          <Field name="name" label="What has to be done" required maxlength={300} size={30} />
          <Field name="due" label="Due" required placeholder="2026-03-10 17:00Z" />
          <button type="submit">Set by time</button>
        </form>
      </details>
    </section>
  )
}

function holdText(hold: HoldJson) {
  if (hold.address === null) return `${hold.records.length} records`
  return <code>{[hold.address, hold.port].filter((part) => part !== null).join(' port ')}</code>
}

function Release({ hold, visitor }: { hold: HoldJson; visitor: Visitor }) {
  const id = `release-${hold.id}`
  return (
    <form method="post" action={`/holds/${hold.id}/release`} class="row">
      <CsrfField visitor={visitor} />
      <div class="field">
        <label for={id}>Reason</label>
        <input id={id} name="reason" required maxlength={1000} autocomplete="off" />
      </div>
      <div class="field">
        <label for={`${id}-approval`}>Approval</label>
        <input id={`${id}-approval`} name="approval" size={6} autocomplete="off" />
      </div>
      <button type="submit" class="danger">
        Release
      </button>
    </form>
  )
}

/** Holds as a table; what may be released has a form for it. */
export function HoldTable({ holds, visitor }: { holds: readonly HoldJson[]; visitor: Visitor }) {
  const mayRelease = visitor.principal.rights.has('holds')
  return (
    <Table
      caption="Holds"
      columns={['What is kept', 'From', 'To', 'Why', 'Placed', 'Ends']}
      rows={holds.map((hold) => [
        holdText(hold),
        hold.from === null ? <None /> : <Time at={hold.from} zone={visitor.zone} />,
        hold.to === null ? <None /> : <Time at={hold.to} zone={visitor.zone} />,
        hold.reason,
        <>
          <Time at={hold.placed} zone={visitor.zone} /> by {hold.placed_by}
        </>,
        hold.released !== null ? (
          <>
            released <Time at={hold.released} zone={visitor.zone} /> by {hold.released_by}:{' '}
            {hold.release_reason}
          </>
        ) : (
          <>
            {hold.expires === null ? 'until it is released' : <Time at={hold.expires} />}
            {mayRelease ? <Release hold={hold} visitor={visitor} /> : null}
          </>
        ),
      ])}
    />
  )
}

function Holds(properties: CaseProperties) {
  const { detail, visitor } = properties
  const mayHold = visitor.principal.rights.has('holds')
  return (
    <section>
      <h2>Holds</h2>
      {detail.holds.length === 0 ? (
        <p class="dim">Nothing is held for this case: the retention deletes as always.</p>
      ) : (
        <HoldTable holds={detail.holds} visitor={visitor} />
      )}
      {mayHold ? (
        <details>
          <summary>Hold records of an address</summary>
          <form method="post" action={`/cases/${detail.id}/holds`} class="row">
            <CsrfField visitor={visitor} />
            <Field id="hold-address" name="address" label="Address" required isCode />
            <Field id="hold-port" name="port" label="Port" size={6} isCode />
            <Field id="hold-from" name="from" label="From" required />
            <Field id="hold-to" name="to" label="To" required />
            <Field id="hold-reason" name="reason" label="Why" required size={30} />
            <Field id="hold-expires" name="expires" label="Ends" placeholder="60d" size={8} />
            <button type="submit">Hold</button>
          </form>
        </details>
      ) : null}
    </section>
  )
}

/** Forms that ask for a signed file in one of its forms. */
export const FileForms = ({ path, what }: { path: string; what: string }) => (
  <form method="get" action={path} class="files">
    <span>{what}:</span> <FileButtons />
  </form>
)

export function CasePage(properties: CaseProperties) {
  const { detail, visitor, problem } = properties
  const { rights } = visitor.principal
  return (
    <Page
      title={`${problem === undefined ? '' : 'Error: '}Case ${detail.reference}`}
      visitor={visitor}
    >
      <p class="crumb">
        <a href="/cases">Cases</a>
      </p>
      <h1>
        {detail.title} <Chip tone={statusTones[detail.status]}>{detail.status}</Chip>
      </h1>
      {problem === undefined ? null : <ProblemSummary problem={problem} idOf={(name) => name} />}
      {problem?.code === 'case-conflict' ? (
        <p class="notice">
          Below is the case as it is now. What you wrote stands in its form again: read what
          changed, then send it once more, or leave it.
        </p>
      ) : null}
      <p class="dim">
        {detail.reference}, opened <Time at={detail.opened} zone={visitor.zone} /> by{' '}
        {detail.opened_by}, version {detail.version}
      </p>
      <div class="acts">
        <FileForms path={`/cases/${detail.id}/export`} what="The whole case, signed" />
        {rights.has('lookup') ? (
          <a href={`/lookup?case=${encodeURIComponent(detail.reference)}`}>Look up for this case</a>
        ) : null}
      </div>
      <StatusForm {...properties} />
      <Deadlines {...properties} />
      <Holds {...properties} />
      <History detail={detail} visitor={visitor} />
      <Pager path={`/cases/${detail.id}`} query={{}} next={detail.next} />
      {detail.status === 'closed' ? null : <WriteForm {...properties} />}
    </Page>
  )
}
