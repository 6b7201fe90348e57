import { createPublicKey } from 'node:crypto'
import { z } from 'zod'
import { FlowledgerError } from '../../model/errors.ts'
import { keyIdOf, keyIdOfHex, publicKeyHex, publicKeyOf } from '../../model/public-signing-key.ts'
import type { PublicSigningKey } from '../../model/public-signing-key.ts'
import { formatInstant, parseInstant } from '../../model/time.ts'

/** Public keys as people hand them on: the body of `GET /v1/keys`, or a key in PEM. */

export const keysSchema = z.object({
  keys: z.array(
    z.object({
      id: z.string().describe('SHA-256 of the SubjectPublicKeyInfo, hexadecimal'),
      algorithm: z.literal('Ed25519'),
      public_key: z.string().describe('the 32 octets of RFC 8032, hexadecimal'),
      pem: z.string().describe('the same as SubjectPublicKeyInfo'),
      valid_from: z.string().nullable(),
      valid_to: z.string().nullable().describe('null: in force'),
    })
  ),
})

export type KeysBody = z.infer<typeof keysSchema>

/** The public keys as `GET /v1/keys` and `flowledger key show` give them, the one in force last. */
export function keysBody(keys: readonly PublicSigningKey[]): KeysBody {
  const time = (us: number | undefined): string | null =>
    us === undefined ? null : formatInstant(us)
  return {
    keys: keys.map(({ id, publicKey, validFromUs, validToUs }) => ({
      id,
      algorithm: 'Ed25519',
      public_key: publicKey,
      pem: String(publicKeyOf(publicKey)?.export({ format: 'pem', type: 'spki' }) ?? ''),
      valid_from: time(validFromUs),
      valid_to: time(validToUs),
    })),
  }
}

const unreadable = (name: string): FlowledgerError =>
  new FlowledgerError('key-unusable', `${name} holds no public key.`, {
    fix: 'Give what "flowledger key show" prints, or an Ed25519 public key in PEM.',
  })

function fromPem(text: string, name: string): PublicSigningKey {
  try {
    const key = createPublicKey(text)
    if (key.asymmetricKeyType === 'ed25519')
      return { id: keyIdOf(key), publicKey: publicKeyHex(key) }
  } catch {
    throw unreadable(name)
  }
  throw unreadable(name)
}

/**
 * Reads a file of public keys.
 *
 * @param name of the file, for errors
 * @throws FlowledgerError `key-unusable`
 */
export function readKeyFile(text: string, name: string): readonly PublicSigningKey[] {
  if (text.trimStart().startsWith('-----BEGIN')) return [fromPem(text, name)]
  let body: KeysBody
  try {
    body = keysSchema.parse(JSON.parse(text))
  } catch {
    throw unreadable(name)
  }
  const us = (time: string): number => parseInstant(time, { tz: undefined, nowUs: 0 }).atUs
  return body.keys.map(({ public_key: publicKey, valid_from: from, valid_to: to }) => {
    const id = keyIdOfHex(publicKey)
    if (id === undefined) throw unreadable(name)
    return {
      id,
      publicKey,
      ...(from === null ? {} : { validFromUs: us(from) }),
      ...(to === null ? {} : { validToUs: us(to) }),
    }
  })
}
