import type { HoldDocument } from '../cases/documents.ts'
import { flatRows } from './answer-view.ts'
import type { SealedEvidence } from './envelope.ts'
import { closingSections, facts, footOf, paragraph } from './view.ts'
import type { Block, View } from './view.ts'

/** The view of the rows that a hold keeps. */

const endpoint = ({ ip, port }: { ip: string; port: number }): string =>
  ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`

function rowsBlock({ rows }: HoldDocument): Block {
  if (rows.length === 0) return paragraph('The ledger had no row of it.')
  return {
    kind: 'table',
    head: ['Inside', 'Public', 'Remote', 'Slice', 'Record'],
    rows: rows.map((row) => [
      endpoint(row.inside),
      endpoint(row.public),
      `${endpoint(row.remote)} ${row.protocol}`,
      `${row.slice_start} to ${row.slice_end}`,
      row.record,
    ]),
    widths: [0.17, 0.17, 0.19, 0.24, 0.23],
  }
}

/** What a page shows of the copy that a hold keeps. */
export function holdView({ sha256, envelope }: Pick<SealedEvidence, 'sha256' | 'envelope'>): View {
  const document = envelope.document as unknown as HoldDocument
  const { held, rows, cut, open_read: openRead } = document
  const more = cut ? ' There were more than are copied.' : ''
  const open = openRead ? '' : ' Open connections could not be read.'
  const copied = rows.length === 1 ? '1 row is copied' : `${rows.length} rows are copied`
  return {
    title: 'Rows under a hold',
    subtitle: held.address ?? `${held.records.length} records`,
    verdict: {
      word: copied,
      meaning: `${held.reason}${more}${open}`,
      tone: cut || !openRead ? 'unsure' : 'plain',
    },
    sections: [
      { heading: 'What is held', blocks: [facts(flatRows(held))] },
      { heading: 'Rows', blocks: [rowsBlock(document)] },
      ...closingSections(document, { sha256, envelope }),
    ],
    signedAt: envelope.signed_at,
    foot: footOf(envelope, sha256),
  }
}
