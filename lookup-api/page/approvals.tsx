/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { Hono } from 'hono'
import type { Context } from 'hono'
import { approvalActs } from '../../model/rights.ts'
import type { Right } from '../../model/rights.ts'
import { ProblemError } from '../problem.ts'
import type { ApprovalJson, ApprovalPage } from '../routes/approvals.ts'
import { actTitles, SubjectOf } from './approval-subject.tsx'
import { queryText } from './ask.ts'
import { CsrfField, Page } from './layout.tsx'
import { questionOf } from './look-up/question.ts'
import { Chip, Empty, Facts, Time } from './parts/basics.tsx'
import type { Tone } from './parts/basics.tsx'
import { Pager } from './parts/pager.tsx'
import { Tabs } from './parts/tabs.tsx'
import { render } from './render.ts'
import { field } from './visitor.ts'
import type { PageEnv, Visitor } from './visitor.ts'

/** `/approvals`: what waits for a second person, and what became of one's own wishes. */

const scopes = {
  'to-approve': { title: 'Waiting for me', needs: ['approve'] },
  'to-review': { title: 'Overrides to review', needs: ['approve', 'audit'] },
  mine: { title: 'Mine', needs: [] },
} as const satisfies Readonly<Record<string, { title: string; needs: readonly Right[] }>>

type Scope = keyof typeof scopes

const tones: Readonly<Record<ApprovalJson['state'], Tone>> = {
  pending: 'unsure',
  approved: 'sure',
  refused: 'bad',
  emergency: 'bad',
}

const empties: Readonly<Record<Scope, readonly [title: string, next: string]>> = {
  'to-approve': [
    'Nobody waits for you.',
    'When a colleague asks for something that needs a second person, it appears here.',
  ],
  'to-review': ['No override waits for a review.', 'Every override that was made was reviewed.'],
  mine: [
    'You asked for nothing.',
    'Where an answer needs a second person, the answer itself offers to ask for one.',
  ],
}

const openTo = (scope: Scope, { principal }: Visitor): boolean => {
  const needs: readonly Right[] = scopes[scope].needs
  return needs.length === 0 || needs.some((right) => principal.rights.has(right))
}

function Decide({ approval, visitor }: { approval: ApprovalJson; visitor: Visitor }) {
  const note = `note-${approval.id}`
  return (
    <form method="post" action={`/approvals/${approval.id}`} class="row">
      <CsrfField visitor={visitor} />
      <div class="field note">
        <label for={note}>Note</label>
        <input id={note} name="note" maxlength={1000} autocomplete="off" size={40} />
      </div>
      <button type="submit" name="decision" value="approve" class="primary">
        Approve
      </button>
      <button type="submit" name="decision" value="refuse" class="danger">
        Refuse
      </button>
    </form>
  )
}

function Acknowledge({ approval, visitor }: { approval: ApprovalJson; visitor: Visitor }) {
  return (
    <form method="post" action={`/approvals/${approval.id}`}>
      <CsrfField visitor={visitor} />
      <button type="submit" name="decision" value="acknowledge">
        I have reviewed it
      </button>
    </form>
  )
}

/** The question again, with the approval named: only it can use the approval. */
function Use({ approval }: { approval: ApprovalJson }) {
  const { subject, id, case: reference } = approval
  if (subject['ip'] === undefined || approval.uses_left === 0) return null
  const { tolerance_us: toleranceUs, ...rest } = subject
  const question = {
    ...rest,
    ...(toleranceUs === undefined ? {} : { tolerance: `${Number(toleranceUs) / 1e6}s` }),
    case: reference ?? undefined,
    approval: id,
  }
  return (
    <p>
      <a class="button primary" href={`/lookup${queryText(question)}`}>
        Ask with this approval
      </a>
    </p>
  )
}

interface WishProperties {
  readonly approval: ApprovalJson
  readonly visitor: Visitor
  readonly scope: Scope
}

function Wish({ approval, visitor, scope }: WishProperties) {
  const { zone } = visitor
  return (
    <article class="host">
      <h2>
        {actTitles[approval.act]} <Chip tone={tones[approval.state]}>{approval.state}</Chip>{' '}
        <small>number {approval.id}</small>
      </h2>
      <Facts
        rows={[
          ['What for', <SubjectOf act={approval.act} subject={approval.subject} zone={zone} />],
          ['Why', approval.reason],
          ['Case', approval.case],
          ['Asked by', `${approval.requester} (${approval.requested_as})`],
          ['Asked', <Time at={approval.requested_at} zone={zone} />],
          ['Decided by', approval.decider],
          ['Note', approval.note],
          ['Holds until', approval.valid_until && <Time at={approval.valid_until} zone={zone} />],
          ['Uses left', approval.state === 'approved' ? String(approval.uses_left) : undefined],
        ]}
      />
      {scope === 'to-approve' ? <Decide approval={approval} visitor={visitor} /> : null}
      {scope === 'to-review' ? <Acknowledge approval={approval} visitor={visitor} /> : null}
      {scope === 'mine' && (approval.state === 'approved' || approval.state === 'emergency') ? (
        <Use approval={approval} />
      ) : null}
    </article>
  )
}

async function approvalsPage(c: Context<PageEnv>) {
  const visitor = c.get('visitor')
  const open = (Object.keys(scopes) as Scope[]).filter((scope) => openTo(scope, visitor))
  const scope = open.find((one) => one === c.req.query('scope')) ?? open[0] ?? 'mine'
  const cursor = c.req.query('cursor')
  const page = await visitor.api.get<ApprovalPage>('/v1/approvals', { scope, cursor, limit: '50' })
  const [title, next] = empties[scope]
  return (
    <Page title={`Approvals: ${scopes[scope].title}`} visitor={visitor}>
      <h1>Approvals</h1>
      <Tabs
        label="Which approvals"
        here={scope}
        tabs={open.map((one) => [one, scopes[one].title, `/approvals?scope=${one}`] as const)}
      />
      {page.approvals.map((approval) => (
        <Wish approval={approval} visitor={visitor} scope={scope} />
      ))}
      {page.approvals.length === 0 ? (
        <Empty title={title}>
          <p>{next}</p>
        </Empty>
      ) : null}
      <Pager path="/approvals" query={{ scope }} next={page.next} />
    </Page>
  )
}

const decisions = new Set(['approve', 'refuse', 'acknowledge'])

export function approvalRoutes(): Hono<PageEnv> {
  return new Hono<PageEnv>()
    .get('/approvals', async (c) => render(c, await approvalsPage(c)))
    .post('/approvals', async (c) => {
      const form = c.get('form')
      const act = approvalActs.find((one) => one === field(form, 'act'))
      const { case: reference, purpose, ...question } = questionOf((name) => field(form, name))
      const { approval: _unused, ...subject } = question
      const wish = { act, subject, reason: field(form, 'reason'), case: reference, purpose }
      await c.get('visitor').api.send('POST', '/v1/approvals', wish)
      return c.redirect('/approvals?scope=mine', 303)
    })
    .post('/approvals/:id', async (c) => {
      const form = c.get('form')
      const decision = field(form, 'decision')
      if (!decisions.has(decision)) throw new ProblemError(400, 'usage', 'Decide yes or no.')
      const path = `/v1/approvals/${encodeURIComponent(c.req.param('id'))}/${decision}`
      const note = field(form, 'note').trim()
      const body = note === '' ? {} : { note }
      await c.get('visitor').api.send('POST', path, decision === 'acknowledge' ? undefined : body)
      const scope = decision === 'acknowledge' ? 'to-review' : 'to-approve'
      return c.redirect(`/approvals?scope=${scope}`, 303)
    })
}
