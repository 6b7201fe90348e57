/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { Hono } from 'hono'
import type { Context } from 'hono'
import type { NoticesBody } from '../../notices/contract.ts'
import { ApiProblem, queryText } from '../ask.ts'
import { CsrfField, Page } from '../layout.tsx'
import { Empty, ProblemSummary } from '../parts/basics.tsx'
import { Field, Words } from '../parts/fields.tsx'
import { render } from '../render.ts'
import { field, readZone } from '../visitor.ts'
import type { FormFields, PageEnv, Visitor } from '../visitor.ts'
import { Notices } from './notice.tsx'

/**
 * `/notices`: a letter is pasted or dropped, what was read of it is shown before anybody is asked
 * for, and then every claim is looked up.
 */

/** What came: the message, and what was said beside it. */
interface Received {
  readonly bytes: Uint8Array
  /** Shown again in the form; empty of a file. */
  readonly text: string
  readonly zone: string
  readonly reference: string
  readonly purpose: string
}

/** Text that browsers send has the line ends of forms; the letter had its own. */
const asTyped = (text: string): string => text.replaceAll('\r\n', '\n')

async function receivedOf(form: FormFields): Promise<Received> {
  const notes = {
    zone: field(form, 'zone').trim(),
    reference: field(form, 'reference').trim(),
    purpose: field(form, 'purpose').trim(),
  }
  const { file } = form
  if (file instanceof File && file.size > 0) {
    const bytes = new Uint8Array(await file.arrayBuffer())
    return { ...notes, bytes, text: '' }
  }
  const kept = field(form, 'message')
  if (kept !== '') {
    const bytes = Uint8Array.from(Buffer.from(kept, 'base64'))
    return { ...notes, bytes, text: '' }
  }
  const text = asTyped(field(form, 'text'))
  return { ...notes, bytes: Buffer.from(text), text }
}

interface Outcome {
  readonly body?: NoticesBody
  readonly caseId?: string | undefined
}

async function ask(visitor: Visitor, of: Received, look: boolean): Promise<Outcome> {
  const query = {
    zone: of.zone,
    purpose: of.purpose,
    // A case is made where it is asked for, not where somebody only wants to see what is read.
    ...(look ? { case: of.reference } : { look_up: 'false' }),
  }
  const response = await visitor.api.response(`/v1/notices${queryText(query)}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/octet-stream' },
    body: Uint8Array.from(of.bytes),
  })
  const place = /^\/v1\/cases\/(\d+)$/.exec(response.headers.get('Location') ?? '')
  return { body: (await response.json()) as NoticesBody, caseId: place?.[1] }
}

function Notes({ of, mayFile }: { of: Partial<Received>; mayFile: boolean }) {
  return (
    <div class="row">
      <Field
        name="zone"
        label="Zone of times that name none"
        value={of.zone}
        placeholder="Europe/Berlin"
        maxlength={60}
      />
      {mayFile ? (
        <Field
          name="reference"
          label="Case (new opens one)"
          value={of.reference ?? 'new'}
          maxlength={200}
        />
      ) : null}
      <Field name="purpose" label="Purpose" value={of.purpose} maxlength={200} />
    </div>
  )
}

function PasteForm({ visitor, of }: { visitor: Visitor; of: Partial<Received> }) {
  return (
    <form method="post" action="/notices" enctype="multipart/form-data" class="paste stack">
      <CsrfField visitor={visitor} />
      <Words name="text" label="Paste the letter" value={of.text} rows={9} />
      <Field
        name="file"
        label="or drop the mail"
        type="file"
        hint="A mail, ACNS or other XML, X-ARF, a table, a text, or an archive of them"
      />
      <Notes of={of} mayFile={visitor.principal.rights.has('cases')} />
      <button type="submit" name="step" value="read" class="primary">
        Read it
      </button>
    </form>
  )
}

/** After it was read: the same message goes on to be looked up. */
function GoOnForm({ visitor, of }: { visitor: Visitor; of: Received }) {
  return (
    <form method="post" action="/notices" enctype="multipart/form-data" class="stack go-on">
      <CsrfField visitor={visitor} />
      <input type="hidden" name="message" value={Buffer.from(of.bytes).toString('base64')} />
      <Notes of={of} mayFile={visitor.principal.rights.has('cases')} />
      <div class="row">
        <button type="submit" name="step" value="look-up" class="primary">
          Look up every claim
        </button>
        <button type="submit" name="step" value="read">
          Read it again with this zone
        </button>
      </div>
    </form>
  )
}

function show(c: Context<PageEnv>, of: Partial<Received>, outcome: Outcome, isAsked: boolean) {
  const visitor = c.get('visitor')
  const { body, caseId } = outcome
  const zone = readZone(of.zone) ?? visitor.zone
  const found = (body?.notices ?? []).some(({ sightings }) => sightings.length > 0)
  const isWhole = of.bytes !== undefined
  return (
    <Page title={isAsked ? 'Answers to a notice' : 'Notices'} visitor={visitor}>
      <h1>{isAsked ? 'What the notice claims, and who that was' : 'Read a notice'}</h1>
      {caseId === undefined ? null : (
        <p class="notice">
          It is in a case now: <a href={`/cases/${caseId}`}>open the case</a>.
        </p>
      )}
      {body === undefined ? null : (
        <Notices body={body} visitor={visitor} zone={zone} reference={caseReference(of)} />
      )}
      {body !== undefined && !found ? (
        <Empty title="Nothing was found that could be looked up.">
          <p>
            A claim needs at least an address. Take it from the letter by hand, at{' '}
            <a href="/lookup">Look up</a>.
          </p>
        </Empty>
      ) : null}
      {body !== undefined && isWhole && !isAsked ? (
        <GoOnForm visitor={visitor} of={of as Received} />
      ) : null}
      {body === undefined ? <PasteForm visitor={visitor} of={of} /> : null}
      {body === undefined ? null : (
        <p>
          <a class="button" href="/notices">
            Another notice
          </a>
        </p>
      )}
    </Page>
  )
}

const caseReference = ({ reference = '' }: Partial<Received>): string =>
  reference === 'new' ? '' : reference

export function noticeRoutes(): Hono<PageEnv> {
  return new Hono<PageEnv>()
    .get('/notices', (c) => render(c, show(c, {}, {}, false)))
    .post('/notices', async (c) => {
      const form = c.get('form')
      const of = await receivedOf(form)
      const look = field(form, 'step') === 'look-up'
      try {
        return render(c, show(c, of, await ask(c.get('visitor'), of, look), look))
      } catch (error) {
        if (!(error instanceof ApiProblem)) throw error
        const { visitor } = c.var
        return render(
          c,
          <Page title="Error: Notices" visitor={visitor}>
            <h1>Read a notice</h1>
            <ProblemSummary problem={error.problem} idOf={(name) => name} />
            <PasteForm visitor={visitor} of={of} />
          </Page>,
          error.status
        )
      }
    })
}
