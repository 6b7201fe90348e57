import type { PurgeFacts } from '../../store/retention/proof.ts'
import { formatInstant } from '../../model/time.ts'
import type { Software } from '../cases/documents.ts'
import type { SealedEvidence } from './envelope.ts'
import { closingSections, facts, footOf } from './view.ts'
import type { View } from './view.ts'

/** What the signed proof of a purge says. */
export interface PurgeDocument {
  readonly purged: Omit<PurgeFacts, 'fromUs' | 'toUs'> & {
    readonly from: string | null
    readonly to: string | null
  }
  readonly officer: string
  readonly software: Software
  readonly limits: readonly string[]
}

const limits: readonly string[] = [
  'It proves what was purged from the ledger, not from backups: those are purged where they are.',
  'The digest is keyed: who has the key of DATA_DIR/keys and a copy of the rows can compute it.',
]

/** The proof of a purge as a document, before it is signed. */
export function purgeDocument(
  purged: PurgeFacts,
  officer: string,
  software: Software
): PurgeDocument {
  const { fromUs, toUs, ...rest } = purged
  const time = (us: number | undefined): string | null =>
    us === undefined ? null : formatInstant(us)
  return { purged: { ...rest, from: time(fromUs), to: time(toUs) }, officer, software, limits }
}

/** What a page shows of the proof of a purge. */
export function purgeView({ sha256, envelope }: Pick<SealedEvidence, 'sha256' | 'envelope'>): View {
  const document = envelope.document as unknown as PurgeDocument
  const { purged } = document
  const rules = purged.parts.map(
    ({ source, rows, rule }) => [source === '' ? 'All' : source, `${rows} rows: ${rule}`] as const
  )
  return {
    title: 'Proof of a purge',
    subtitle: purged.field === undefined ? purged.subject : `${purged.subject}, ${purged.field}`,
    verdict: {
      word: `${purged.rows} rows`,
      meaning: `They were purged (${purged.act}).`,
      tone: 'plain',
    },
    sections: [
      {
        heading: 'What was purged',
        blocks: [
          facts([
            ['Kind', purged.kind],
            ['From', purged.from],
            ['To', purged.to],
            ['Digest (HMAC-SHA-256)', purged.digest],
            ['Rows that a hold kept', purged.held],
            ...rules,
          ]),
        ],
      },
      ...closingSections(document, { sha256, envelope }),
    ],
    signedAt: envelope.signed_at,
    foot: footOf(envelope, sha256),
  }
}
