/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Zone } from '../../../model/time-zone.ts'
import { authoritySentences } from '../../authority-text.ts'
import type { Answer } from '../../contract.ts'
import { verdictTones } from '../../evidence-file/answer-view.ts'
import { limitsOf, verdictMeanings } from '../../evidence-file/limits.ts'
import type { LookupInput } from '../../query.ts'
import { CsrfField } from '../layout.tsx'
import { FileButtons } from '../parts/file-buttons.tsx'
import { Facts, Time } from '../parts/basics.tsx'
import { CoverageBar } from '../parts/coverage.tsx'
import { durationText } from '../times.ts'
import type { Visitor } from '../visitor.ts'
import { Host } from './answer-parts.tsx'
import { verdictSentence } from './verdict-sentence.ts'

interface AnswerProperties {
  readonly answer: Answer
  /** The question as it was sent. */
  readonly input: LookupInput
  readonly visitor: Visitor
  readonly zone: Zone | undefined
  /** Whether evidence and cases are kept here. */
  readonly hasDesk: boolean
  /** Whether an identity that is withheld can be had with a second person. */
  readonly canAskReveal: boolean
}

/** Fields of the question as it was sent, for a form that does something with it. */
export function HiddenQuestion({ input }: { input: LookupInput }) {
  return (
    <>
      {Object.entries(input).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
    </>
  )
}

/** Asks another person for what one alone may not see. */
export function AskSecondPerson(properties: {
  readonly act: 'reveal' | 'wide'
  readonly input: LookupInput
  readonly visitor: Visitor
}) {
  const { act, input, visitor } = properties
  return (
    <form method="post" action="/approvals" class="ask-second">
      <CsrfField visitor={visitor} />
      <input type="hidden" name="act" value={act} />
      <HiddenQuestion input={input} />
      <label for={`reason-${act}`}>
        Why you need {act === 'reveal' ? 'the identity' : 'everybody behind the address'}
      </label>
      <input id={`reason-${act}`} name="reason" required maxlength={1000} autocomplete="off" />
      <button type="submit">Ask another person</button>
    </form>
  )
}

function Export({ answer, input, visitor }: AnswerProperties) {
  return (
    <section class="acts" aria-label="Export">
      <form method="post" action="/lookup/evidence">
        <CsrfField visitor={visitor} />
        <HiddenQuestion input={input} />
        <span>Signed evidence, asked anew:</span> <FileButtons />
      </form>
      {visitor.principal.rights.has('cases') ? (
        <form method="post" action="/lookup/keep">
          <CsrfField visitor={visitor} />
          <input type="hidden" name="audit_id" value={String(answer.audit_id)} />
          <label for="keep-case">Note in case</label>{' '}
          <input
            id="keep-case"
            name="reference"
            value={answer.query.case ?? ''}
            required
            maxlength={200}
            autocomplete="off"
            size={14}
          />{' '}
          <button type="submit">Note</button>
        </form>
      ) : null}
    </section>
  )
}

function Asked({ answer: { query, audit_id: auditId }, zone }: AnswerProperties) {
  return (
    <details class="asked">
      <summary>How the question was understood</summary>
      <Facts
        rows={[
          ['Time as given', query.at_given],
          ['Understood as', <Time at={query.at} zone={zone} />],
          ['Time zone', query.zone],
          ['Precision', durationText(query.precision_seconds)],
          ['Tolerance', durationText(query.tolerance_seconds)],
          [
            'Window',
            <>
              <Time at={query.from} zone={zone} /> to <Time at={query.to} zone={zone} />
            </>,
          ],
          ['Case', query.case],
          ['Purpose', query.purpose],
          ['Asked', <Time at={query.asked_at} zone={zone} />],
          ['Audit entry', String(auditId)],
        ]}
      />
    </details>
  )
}

/** An answer as a person reads it. */
export function AnswerView(properties: AnswerProperties) {
  const { answer, visitor, zone, hasDesk, canAskReveal, input } = properties
  const { verdict, candidates, candidate_count: count, near_misses: near, query } = answer
  const around = { from: query.from, to: query.to }
  const withheld = candidates.some(({ identity }) => identity.state === 'withheld')
  return (
    <section class="answer" aria-label="Answer">
      <div class={`verdict ${verdictTones[verdict]}`}>
        <p class="word">{verdict}</p>
        <h2>{verdictSentence(answer)}</h2>
        <p>{verdictMeanings[verdict]}</p>
      </div>
      <CoverageBar
        coverage={answer.coverage}
        from={query.from}
        to={query.to}
        at={query.at}
        spans={candidates.slice(0, 12).map((one) => ({
          label: one.inside.ip,
          from: one.start,
          to: one.end ?? query.to,
        }))}
        zone={zone}
      />
      <ul class="reasons">
        {[...answer.reasons, ...authoritySentences(answer.authority)].map((reason) => (
          <li>{reason}</li>
        ))}
      </ul>
      {withheld && canAskReveal ? (
        <AskSecondPerson act="reveal" input={input} visitor={visitor} />
      ) : null}
      {hasDesk ? <Export {...properties} /> : null}
      {candidates.map((candidate) => (
        <Host candidate={candidate} visitor={visitor} zone={zone} {...around} />
      ))}
      {count > candidates.length ? (
        <p>
          {count} hosts in all; {candidates.length} are listed.
        </p>
      ) : null}
      {near.length === 0 ? null : (
        <details class="near">
          <summary>{near.length} near misses, which the question rules out</summary>
          {near.map((candidate) => (
            <Host candidate={candidate} visitor={visitor} zone={zone} {...around} />
          ))}
        </details>
      )}
      <Asked {...properties} />
      <details>
        <summary>What this does not show</summary>
        <ul>
          {limitsOf(answer).map((limit) => (
            <li>{limit}</li>
          ))}
        </ul>
      </details>
    </section>
  )
}
