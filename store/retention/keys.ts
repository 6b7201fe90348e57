import { createHmac, randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FlowledgerError } from '../../model/errors.ts'
import { withFileLock } from '../file-lock.ts'
import { replaceFile } from '../replace-file.ts'

/**
 * The secret of `DATA_DIR/keys/retention.key` (32 octets in hexadecimal, 0600), and what is derived
 * of it. What a person did has so few possible values that a plain hash of it can be undone by
 * trying them all: so the digests of proofs and the hashes of destinations are keyed. Whoever has
 * the key and a copy of the rows can show that a digest is of them; without the key a kept hash of
 * a destination matches nothing any more.
 */
export interface RetentionKeys {
  /** For digests of what was purged. */
  readonly digest: Buffer
  /** For destinations that are kept as a hash. */
  readonly destination: Buffer
}

const derive = (secret: Buffer, use: string): Buffer =>
  createHmac('sha256', secret).update(`flowledger retention ${use}`).digest()

async function readSecret(path: string): Promise<Buffer | undefined> {
  let text: string
  try {
    text = (await readFile(path, 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  if (/^[0-9a-f]{64}$/.test(text)) return Buffer.from(text, 'hex')
  throw new FlowledgerError('key-unusable', `${path} holds no key.`, {
    fix: 'Restore DATA_DIR/keys from a backup: kept hashes can be matched with that key alone.',
  })
}

async function makeSecret(path: string): Promise<Buffer> {
  const secret = randomBytes(32)
  await replaceFile(path, `${secret.toString('hex')}\n`)
  return secret
}

const keysOf = (secret: Buffer): RetentionKeys => ({
  digest: derive(secret, 'digest'),
  destination: derive(secret, 'destination'),
})

/** The keys; the first call makes them. @throws FlowledgerError `key-unusable` */
export async function openRetentionKeys(dataDir: string): Promise<RetentionKeys> {
  const folder = join(dataDir, 'keys')
  const path = join(folder, 'retention.key')
  const known = await readSecret(path)
  if (known !== undefined) return keysOf(known)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return await withFileLock(join(folder, 'lock'), async () =>
    keysOf((await readSecret(path)) ?? (await makeSecret(path)))
  )
}

/** The keys where they were made already; undefined: no destination was hashed here. */
export async function findRetentionKeys(dataDir: string): Promise<RetentionKeys | undefined> {
  const secret = await readSecret(join(dataDir, 'keys', 'retention.key'))
  return secret === undefined ? undefined : keysOf(secret)
}
