import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { FlowledgerError } from '../model/errors.ts'
import { keyIdOf, publicKeyHex } from '../model/public-signing-key.ts'
import type { PublicSigningKey } from '../model/public-signing-key.ts'
import { withFileLock } from './file-lock.ts'
import { replaceFile } from './replace-file.ts'

/**
 * The key that signs evidence, under `DATA_DIR/keys` (0700):
 *
 * - `signing.pem` (0600): the private key in force, Ed25519 (RFC 8032), PKCS #8.
 * - `public-keys.json`: every public key that ever signed, with its validity.
 *
 * Whoever has the first file can sign in our name; whoever lacks the second cannot prove old
 * evidence. Both belong into the backup.
 */

/** The key in force. */
export interface SigningKey extends PublicSigningKey {
  /** Signature (RFC 8032 §5.1.6) of the octets, 128 lower-case hexadecimal digits. */
  sign(octets: Uint8Array): string
}

const listSchema = z.array(
  z.strictObject({
    id: z.string().regex(/^[0-9a-f]{64}$/),
    publicKey: z.string().regex(/^[0-9a-f]{64}$/),
    validFromUs: z.number().int(),
    validToUs: z.number().int().optional(),
  })
)

type KeyList = z.infer<typeof listSchema>

const publicKeyOfEntry = ({ validToUs, ...rest }: KeyList[number]): PublicSigningKey =>
  validToUs === undefined ? rest : { ...rest, validToUs }

interface Paths {
  readonly folder: string
  readonly secret: string
  readonly list: string
  readonly lock: string
}

function pathsIn(dataDir: string): Paths {
  const folder = join(dataDir, 'keys')
  return {
    folder,
    secret: join(folder, 'signing.pem'),
    list: join(folder, 'public-keys.json'),
    lock: join(folder, 'lock'),
  }
}

function unusable(path: string, what: string, cause?: unknown): FlowledgerError {
  return new FlowledgerError('key-unusable', `${path} ${what}.`, {
    fix: 'Restore DATA_DIR/keys from a backup: without its key nothing can be signed.',
    cause,
  })
}

/** The text of a file; undefined where there is none. */
async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unusable(path, 'cannot be read', error)
  }
}

function readSecret(path: string, pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch (error) {
    throw unusable(path, 'does not hold a private key', error)
  }
  throw unusable(path, 'does not hold an Ed25519 key')
}

async function readList(path: string): Promise<KeyList> {
  const text = await textOf(path)
  if (text === undefined) return []
  try {
    return listSchema.parse(JSON.parse(text))
  } catch (error) {
    throw unusable(path, 'does not hold a list of public keys', error)
  }
}

/** Adds the key to the list as the one in force, and ends the one before. */
function withKey(list: KeyList, secret: KeyObject, nowUs: number): KeyList {
  const key = createPublicKey(secret)
  const id = keyIdOf(key)
  const ended = list.map((one) =>
    one.id === id || one.validToUs !== undefined ? one : { ...one, validToUs: nowUs }
  )
  if (ended.some((one) => one.id === id)) return ended
  return [...ended, { id, publicKey: publicKeyHex(key), validFromUs: nowUs }]
}

async function makeKey(paths: Paths, nowUs: number): Promise<void> {
  const { privateKey } = generateKeyPairSync('ed25519')
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' })
  // The list first: a key that signs is on it, whatever ends this process in between.
  const list = withKey(await readList(paths.list), privateKey, nowUs)
  await replaceFile(paths.list, `${JSON.stringify(list, undefined, 2)}\n`, 0o644)
  await replaceFile(paths.secret, String(pem), 0o600)
}

const signingKey = (secret: KeyObject, of: PublicSigningKey): SigningKey => ({
  ...of,
  sign: (octets) => sign(null, octets, secret).toString('hex'),
})

async function readSigningKey(paths: Paths): Promise<SigningKey | undefined> {
  const pem = await textOf(paths.secret)
  if (pem === undefined) return undefined
  const secret = readSecret(paths.secret, pem)
  const id = keyIdOf(createPublicKey(secret))
  const known = (await readList(paths.list)).find((one) => one.id === id)
  if (known === undefined) throw unusable(paths.list, 'does not know the key in signing.pem')
  return signingKey(secret, publicKeyOfEntry(known))
}

/** The key in force, made anew where that is wanted; under the lock of the folder. */
async function changed(
  paths: Paths,
  isWanted: (current: SigningKey | undefined) => boolean
): Promise<SigningKey> {
  await mkdir(paths.folder, { recursive: true, mode: 0o700 })
  return await withFileLock(paths.lock, async () => {
    const current = await readSigningKey(paths)
    if (current !== undefined && !isWanted(current)) return current
    await makeKey(paths, Date.now() * 1000)
    const made = await readSigningKey(paths)
    if (made === undefined) throw unusable(paths.secret, 'vanished while it was made')
    return made
  })
}

/** False too for a key whose end is listed: a rotation was cut short, and is finished. */
const isInForce = (key: SigningKey | undefined): key is SigningKey =>
  key !== undefined && key.validToUs === undefined

/**
 * The key in force; the first call makes it. Several processes may call at once.
 *
 * @throws FlowledgerError `key-unusable`
 */
export async function openSigningKey(dataDir: string): Promise<SigningKey> {
  const paths = pathsIn(dataDir)
  const known = await readSigningKey(paths)
  return isInForce(known) ? known : await changed(paths, (current) => !isInForce(current))
}

/**
 * Puts a new key in force. What the old one signed stays provable: its public key stays listed,
 * with its end; its private key is gone.
 *
 * @throws FlowledgerError `key-unusable`
 */
export async function rotateSigningKey(dataDir: string): Promise<SigningKey> {
  return await changed(pathsIn(dataDir), () => true)
}

/**
 * Every public key that ever signed here, oldest first; empty where none was made yet.
 *
 * @throws FlowledgerError `key-unusable`
 */
export async function listPublicKeys(dataDir: string): Promise<readonly PublicSigningKey[]> {
  return (await readList(pathsIn(dataDir).list)).map(publicKeyOfEntry)
}
