import { createHash } from 'node:crypto'
import { canonicalJson } from '../../model/canonical-json.ts'
import type { PublicSigningKey } from '../../model/public-signing-key.ts'
import { formatInstant } from '../../model/time.ts'

/**
 * The form of signed evidence: one line of canonical JSON (RFC 8785), one line feed, nothing else.
 *
 * ```
 * {"document":{…},"format":"flowledger-evidence/1","key":{"algorithm":"Ed25519","id":…,
 *  "public_key":…},"kind":"answer","signature":…,"signed_at":…}\n
 * ```
 * The signature (RFC 8032) is over the canonical JSON of the same object without `signature`, in
 * UTF-8. Hexadecimal is in lower case, so that there is one text for each value: whoever changes a
 * single octet of the file has another file, and the check says so.
 */
export const evidenceFormat = 'flowledger-evidence/1'

/** Media type of a file of evidence. */
export const evidenceType = 'application/vnd.flowledger.evidence+json'

export const evidenceKinds = ['answer', 'case', 'hold', 'purge'] as const

export type EvidenceKind = (typeof evidenceKinds)[number]

/** A file of evidence, parsed. */
export interface Envelope {
  readonly document: Readonly<Record<string, unknown>>
  readonly format: string
  readonly key: { readonly algorithm: 'Ed25519'; readonly id: string; readonly public_key: string }
  readonly kind: EvidenceKind
  /** 128 hexadecimal digits. */
  readonly signature: string
  /** RFC 3339, UTC. */
  readonly signed_at: string
}

/** What signs; the wiring hands in the key in force. */
export interface Signer extends PublicSigningKey {
  /** 128 hexadecimal digits; the key may be in another process. */
  sign(octets: Uint8Array): string | Promise<string>
}

/** A signed file and how to name it. */
export interface SealedEvidence {
  readonly text: string
  /** SHA-256 of the file, hexadecimal: the audit has it too. */
  readonly sha256: string
  readonly envelope: Envelope
}

/** What the signature is over. */
export function signedOctets(envelope: Envelope): Buffer {
  const { signature: _, ...rest } = envelope
  return Buffer.from(canonicalJson(rest), 'utf8')
}

/** SHA-256 of a text in UTF-8, hexadecimal. */
export const sha256 = (text: string | Uint8Array): string =>
  createHash('sha256').update(text).digest('hex')

/** Halves of characters have no UTF-8: a text that holds one would not survive being written. */
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(/\p{Surrogate}/gu, '\uFFFD')
  if (Array.isArray(value)) return value.map(wellFormed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [wellFormed(name), wellFormed(member)])
  )
}

/**
 * Signs a document.
 *
 * @param document JSON values only
 * @param nowUs when it is signed, microseconds since 1970
 */
export async function seal(
  kind: EvidenceKind,
  document: object,
  signer: Signer,
  nowUs: number
): Promise<SealedEvidence> {
  const body = {
    document: wellFormed(document) as Envelope['document'],
    format: evidenceFormat,
    key: { algorithm: 'Ed25519' as const, id: signer.id, public_key: signer.publicKey },
    kind,
    signed_at: formatInstant(nowUs),
  }
  const signature = await signer.sign(Buffer.from(canonicalJson(body), 'utf8'))
  const text = `${canonicalJson({ ...body, signature })}\n`
  // Read back, so that a view made now is the one that anybody makes of the file later.
  return { text, sha256: sha256(text), envelope: JSON.parse(text) as Envelope }
}
