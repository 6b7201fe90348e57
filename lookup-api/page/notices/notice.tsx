/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Zone } from '../../../model/time-zone.ts'
import { verdictTones } from '../../evidence-file/answer-view.ts'
import type { NoticeAnswer, NoticeBody, NoticesBody, Reply } from '../../notices/contract.ts'
import { Host } from '../look-up/answer-parts.tsx'
import { verdictSentence } from '../look-up/verdict-sentence.ts'
import { Chip, Facts, Time } from '../parts/basics.tsx'
import { CoverageBar } from '../parts/coverage.tsx'
import type { Visitor } from '../visitor.ts'
import { Sighting } from './sighting.tsx'

/** Notices that were read, and the answers to what they claim. */

interface NoticeProperties {
  readonly notice: NoticeBody
  readonly index: number
  readonly visitor: Visitor
  readonly zone: Zone | undefined
  readonly reference: string
}

const formats: Readonly<Record<NoticeBody['format'], string>> = {
  acns: 'ACNS document',
  xarf: 'X-ARF report',
  marf: 'MARF report',
  csv: 'table',
  text: 'plain text',
}

function OneAnswer({
  of,
  visitor,
  zone,
}: {
  of: NoticeAnswer
  visitor: Visitor
  zone: Zone | undefined
}) {
  const { answer, problem, at } = of
  if (answer === undefined) {
    return (
      <p>
        <Chip tone="bad">not answered</Chip> <Time at={at} zone={zone} />: {problem?.detail}
      </p>
    )
  }
  const around = { from: answer.query.from, to: answer.query.to }
  return (
    <div class={`verdict small ${verdictTones[answer.verdict]}`}>
      <p class="word">{answer.verdict}</p>
      <h4>{verdictSentence(answer)}</h4>
      <details>
        <summary>
          {answer.candidates.length} candidates, audit entry {answer.audit_id}
        </summary>
        <CoverageBar
          coverage={answer.coverage}
          at={answer.query.at}
          zone={zone}
          from={answer.query.from}
          to={answer.query.to}
        />
        {answer.candidates.map((candidate) => (
          <Host candidate={candidate} visitor={visitor} zone={zone} {...around} />
        ))}
      </details>
    </div>
  )
}

function ReplyText({ reply, id }: { reply: Reply; id: string }) {
  return (
    <details>
      <summary>
        Text to send back ({reply.kind}, {reply.media_type})
      </summary>
      <label for={id} class="hidden">
        Text to send back
      </label>
      <textarea id={id} readonly rows={10} class="code">
        {reply.body}
      </textarea>
    </details>
  )
}

function Notice({ notice, index, visitor, zone, reference }: NoticeProperties) {
  const { sightings, answers, outcomes, intersection, remarks } = notice
  return (
    <article class="letter">
      <h2>
        {notice.id === null ? `Notice ${index + 1}` : `Notice ${notice.id}`}{' '}
        <small>{formats[notice.format]}</small>
      </h2>
      <Facts
        rows={[
          ['Stands in', notice.part],
          ['Sender', notice.sender.address && `${notice.sender.address} (not verified)`],
          ['Sent', notice.sent && <Time at={notice.sent} zone={zone} />],
          ['Remarks', remarks.length === 0 ? undefined : remarks.join(' ')],
        ]}
      />
      {sightings.map((sighting, i) => {
        const own = answers.filter((one) => one.sighting === i)
        const outcome = outcomes.find((one) => one.sighting === i)
        const id = `n${index}-s${i}`
        return (
          <>
            <Sighting {...{ sighting, id, zone, reference }} index={i} />
            {own.map((of) => (
              <OneAnswer of={of} visitor={visitor} zone={zone} />
            ))}
            {outcome === undefined || outcome.agreement === 'one' ? null : (
              <p class="outcome">{outcome.why}</p>
            )}
          </>
        )
      })}
      {notice.sightings_left_out === 0 ? null : (
        <p>{notice.sightings_left_out} more claims are not shown.</p>
      )}
      {intersection === null ? null : (
        <p class="notice">
          In every one of {intersection.basis} answers:{' '}
          <b>{intersection.common.join(', ') || 'nobody'}</b>. {intersection.why}
        </p>
      )}
      {notice.replies.map((reply, i) => (
        <ReplyText reply={reply} id={`n${index}-r${i}`} />
      ))}
    </article>
  )
}

/** Everything that was found in a message. */
export function Notices(properties: {
  readonly body: NoticesBody
  readonly visitor: Visitor
  readonly zone: Zone | undefined
  readonly reference: string
}) {
  const { body, ...rest } = properties
  return (
    <>
      {body.notices.map((notice, index) => (
        <Notice notice={notice} index={index} {...rest} />
      ))}
      {body.skipped.length === 0 ? null : (
        <details>
          <summary>{body.skipped.length} parts were not read</summary>
          <ul>
            {body.skipped.map(({ part, reason }) => (
              <li>
                {part}: {reason}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  )
}
