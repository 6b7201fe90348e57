import { hash } from 'node:crypto'
import { canonicalJson } from '../model/canonical-json.ts'

/** What somebody did. `detail` holds JSON values only. */
export interface AuditEntry {
  readonly actor: string
  readonly action: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** An entry of the audit without what chains it. `detail` is canonical JSON text. */
export interface ChainEntry {
  /** 1, 2, 3 … without holes. */
  readonly id: number
  readonly atUs: number
  readonly actor: string
  readonly action: string
  readonly detail: string
}

/** The last entry of the audit: who knows it can prove that nothing before it was changed. */
export interface AuditHead {
  readonly id: number
  /** SHA-256, hexadecimal. */
  readonly hash: string
}

/** What the first entry is chained to. */
export const genesisHash = Buffer.alloc(32)

/** An audit without entries. */
export const emptyHead: AuditHead = { id: 0, hash: genesisHash.toString('hex') }

/**
 * SHA-256 over the hash before and the canonical JSON (RFC 8785) of the entry:
 *
 * ```
 * hash = SHA-256( prev_hash (32 octets) | {"action":…,"actor":…,"at":…,"detail":"…","id":…} )
 * ```
 * `at` is in microseconds since 1970; `detail` goes in as the text that is stored.
 */
export function chainHash(previous: Buffer, entry: ChainEntry): Buffer {
  const { id, atUs, actor, action, detail } = entry
  const text = canonicalJson({ id, at: atUs, actor, action, detail })
  return hash('sha256', Buffer.concat([previous, Buffer.from(text)]), 'buffer')
}
