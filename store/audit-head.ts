import { verify } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FlowledgerError } from '../model/errors.ts'
import { publicKeyOf } from '../model/public-signing-key.ts'
import type { PublicSigningKey } from '../model/public-signing-key.ts'
import { emptyHead } from './audit-chain.ts'
import type { AuditHead } from './audit-chain.ts'
import { withFileLock } from './file-lock.ts'
import { replaceFile } from './replace-file.ts'
import { openSigningKey } from './signing-key.ts'
import type { SigningKey } from './signing-key.ts'

/**
 * The file `DATA_DIR/audit-head`:
 *
 * ```
 * 4711 3f0c…                    number and hash of the last entry
 * ed25519 9a1b… 77d0…           key id, and signature over "flowledger audit head\n" and the line
 * ```
 */

/** A head with the word of the key that signs evidence. */
export interface SignedHead extends AuditHead {
  /** Left out where nobody signed it. */
  readonly signature?: { readonly key: string; readonly value: string }
}

function pathIn(dataDir: string): string {
  return join(dataDir, 'audit-head')
}

const filePattern = /^(\d{1,15}) ([0-9a-f]{64})\n(?:ed25519 ([0-9a-f]{64}) ([0-9a-f]{128})\n)?$/

/** What is signed: it can be taken for nothing else that the key signs. */
const signedOctets = ({ id, hash }: AuditHead): Buffer =>
  Buffer.from(`flowledger audit head\n${id} ${hash}\n`)

/** True where one of the keys signed exactly this head. */
export function isSignedBy(head: SignedHead, keys: readonly PublicSigningKey[]): boolean {
  const { signature } = head
  const known = keys.find(({ id }) => id === signature?.key)
  const key = known === undefined ? undefined : publicKeyOf(known.publicKey)
  if (signature === undefined || key === undefined) return false
  return verify(null, signedOctets(head), key, Buffer.from(signature.value, 'hex'))
}

/**
 * The last entry that is known outside the database: who can write the database can cut off its
 * end or chain it anew, but not without this file and the key that signs it.
 *
 * @throws FlowledgerError `audit-unwritable` where there is a file that cannot be read
 */
export async function readSignedHead(dataDir: string): Promise<SignedHead> {
  const path = pathIn(dataDir)
  try {
    return headOf(path, await readFile(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return emptyHead
    if (error instanceof FlowledgerError) throw error
    throw unusable(path, 'cannot be read', error)
  }
}

/**
 * Reads a copy of the file that was put away elsewhere.
 *
 * @throws FlowledgerError `usage`
 */
export async function readKeptHead(path: string): Promise<SignedHead> {
  try {
    return headOf(path, await readFile(path, 'utf8'))
  } catch (cause) {
    throw new FlowledgerError('usage', `${path} is no copy of an audit-head.`, { cause })
  }
}

function headOf(path: string, text: string): SignedHead {
  const match = filePattern.exec(text)
  if (match === null) throw unusable(path, 'does not hold an entry and its hash')
  const [, id, hash = '', key, value] = match
  const head = { id: Number(id), hash }
  return key === undefined || value === undefined ? head : { ...head, signature: { key, value } }
}

/** As {@link readSignedHead}, without the signature. */
export async function readAuditHead(dataDir: string): Promise<AuditHead> {
  const { id, hash } = await readSignedHead(dataDir)
  return { id, hash }
}

function unusable(path: string, what: string, cause?: unknown): FlowledgerError {
  return new FlowledgerError('audit-unwritable', `${path} ${what}.`, {
    fix: 'Restore it from a backup, or move it away after `flowledger verify-audit`.',
    cause,
  })
}

/**
 * Moves the head forward; a head that is further already stays. Who is answered after this can rely
 * on it, whatever becomes of the machine. The lock keeps two processes from crossing.
 *
 * @throws FlowledgerError `audit-unwritable`
 */
export async function advanceAuditHead(
  dataDir: string,
  head: AuditHead,
  key: SigningKey
): Promise<void> {
  const path = pathIn(dataDir)
  await withFileLock(`${path}.lock`, async () => {
    const current = await readAuditHead(dataDir)
    if (current.id >= head.id) return
    const signature = `ed25519 ${key.id} ${key.sign(signedOctets(head))}`
    await replaceFile(path, `${head.id} ${head.hash}\n${signature}\n`)
  })
}

/** Where the head is kept while the audit grows; it may be in another process. */
export interface AuditHeads {
  /**
   * The head as it is known. It fails where the next one could not be signed.
   *
   * @throws FlowledgerError `audit-unwritable`, `key-unusable`
   */
  known(): Promise<AuditHead>
  /** @throws FlowledgerError `audit-unwritable` */
  advance(head: AuditHead): Promise<void>
}

/** The head in the file of a data directory, signed with the key there. */
export function auditHeadsIn(dataDir: string): AuditHeads {
  let key: SigningKey | undefined
  const keyInForce = async (): Promise<SigningKey> => (key ??= await openSigningKey(dataDir))
  return {
    async known() {
      await keyInForce()
      return await readAuditHead(dataDir)
    },
    advance: async (head) => await advanceAuditHead(dataDir, head, await keyInForce()),
  }
}
