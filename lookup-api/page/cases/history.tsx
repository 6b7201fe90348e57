/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { flatRows } from '../../evidence-file/answer-view.ts'
import type { EntryJson } from '../../cases/present.ts'
import { Chip, Facts, Time } from '../parts/basics.tsx'
import type { Visitor } from '../visitor.ts'
import type { CaseDetail } from './case-detail.ts'

/** What was done in a case, oldest first; nothing of it is ever changed. */

/** Lines of a detail that are shown at once; a notice can have thousands. */
const maxLines = 200

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

function Summary({ kind, detail }: EntryJson) {
  switch (kind) {
    case 'note':
      return <p class="words">{text(detail['text'])}</p>
    case 'decision':
      return (
        <p class="words">
          <b>{text(detail['decision'])}</b> {text(detail['reason'])}
        </p>
      )
    case 'status':
      return (
        <p class="words">
          {text(detail['from'])} to <b>{text(detail['to'])}</b> {text(detail['reason'])}
        </p>
      )
    default: {
      const rows = flatRows(detail)
      return rows.length === 0 ? null : (
        <details>
          <summary>Details</summary>
          <Facts rows={rows.slice(0, maxLines)} />
          {rows.length > maxLines ? <p>And {rows.length - maxLines} more lines.</p> : null}
        </details>
      )
    }
  }
}

export function History({ detail, visitor }: { detail: CaseDetail; visitor: Visitor }) {
  return (
    <section>
      <h2>History</h2>
      <ol class="history">
        {detail.history.map((entry) => (
          <li>
            <div class="when">
              <Time at={entry.at} zone={visitor.zone} />
              <small>{entry.actor}</small>
            </div>
            <div>
              <Chip>{entry.kind}</Chip>{' '}
              {entry.audit_id === null ? null : <small>audit entry {entry.audit_id}</small>}
              {entry.document_sha256 === null ? null : (
                <>
                  {' '}
                  <a href={`/cases/${detail.id}/evidence/${entry.id}?form=html`}>signed file</a>
                </>
              )}
              <Summary {...entry} />
            </div>
          </li>
        ))}
      </ol>
    </section>
  )
}
