import type { CaseDocument } from '../cases/documents.ts'
import { flatRows } from './answer-view.ts'
import type { SealedEvidence } from './envelope.ts'
import { closingSections, facts, footOf, paragraph } from './view.ts'
import type { Block, Section, View } from './view.ts'

/** The view of an exported case. */

type Entry = CaseDocument['history'][number]

const historyRow = ({ at, actor, kind, audit_id: audit, detail }: Entry): string[] => [
  at,
  actor,
  kind,
  flatRows(detail)
    .map(([name, value]) => `${name}: ${value}`)
    .concat(audit === null ? [] : [`audit entry: ${audit}`])
    .join('; '),
]

function deadlinesSection({ deadlines }: CaseDocument): Section {
  const rows = deadlines.map(({ name, due, basis, met }) => [name, due, met ?? 'not met', basis])
  const head = ['Deadline', 'Due', 'Met', 'Basis']
  const table: Block = { kind: 'table', head, rows, widths: [0.28, 0.22, 0.22, 0.28] }
  return { heading: 'Deadlines', blocks: rows.length === 0 ? [paragraph('None is set.')] : [table] }
}

function evidenceSection({ evidence }: CaseDocument): Section {
  const rows = evidence.map(({ kind, signed_at: signed, key, signature }, i) => [
    String(i + 1),
    `${kind}, ${signed}`,
    `key ${key.id}, signature ${signature.slice(0, 32)}…`,
  ])
  const head = ['No.', 'Kind and time of signing', 'Key and signature']
  const table: Block = { kind: 'table', head, rows, widths: [0.08, 0.36, 0.56] }
  const none = paragraph('None is kept.')
  return { heading: 'Enclosed signed files', blocks: rows.length === 0 ? [none] : [table] }
}

/** What a page shows of an exported case. */
export function caseView({ sha256, envelope }: Pick<SealedEvidence, 'sha256' | 'envelope'>): View {
  const document = envelope.document as unknown as CaseDocument
  const { case: file, history, holds } = document
  const heldBlocks = holds.map((hold) => facts(flatRows(hold)))
  return {
    title: `Case ${file.reference}`,
    subtitle: file.title,
    verdict: {
      word: file.status,
      meaning: `Opened ${file.opened} by ${file.opened_by}; version ${file.version}.`,
      tone: 'plain',
    },
    sections: [
      deadlinesSection(document),
      {
        heading: 'History',
        blocks: [
          {
            kind: 'table',
            head: ['Time', 'Who', 'What', 'Detail'],
            rows: history.map(historyRow),
            widths: [0.2, 0.16, 0.14, 0.5],
          },
        ],
      },
      {
        heading: 'Holds',
        blocks: holds.length === 0 ? [paragraph('None is placed.')] : heldBlocks,
      },
      evidenceSection(document),
      ...closingSections(document, { sha256, envelope }),
    ],
    signedAt: envelope.signed_at,
    foot: footOf(envelope, sha256),
  }
}
