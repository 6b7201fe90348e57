import { createHash, createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/**
 * A public key by which evidence is checked, and when it signed. Times are microseconds since 1970.
 */
export interface PublicSigningKey {
  /** SHA-256 of the key in SubjectPublicKeyInfo (DER), lower-case hexadecimal. */
  readonly id: string
  /** The 32 octets of RFC 8032 §5.1.5, lower-case hexadecimal. */
  readonly publicKey: string
  /** From when it signs, and until when it did; left out: not known, and not ended. */
  readonly validFromUs?: number
  readonly validToUs?: number
}

/**
 * SubjectPublicKeyInfo of Ed25519 (RFC 8410 §4) is these octets and the 32 of the key:
 *
 * ```
 * 30 2a  30 05  06 03 2b 65 70  03 21 00  | key (32 octets)
 * SEQUENCE  SEQUENCE  OID 1.3.101.112  BIT STRING
 * ```
 */
const spkiHead = Buffer.from('302a300506032b6570032100', 'hex')

const keyPattern = /^[0-9a-f]{64}$/

/**
 * The key of 32 octets in lower-case hexadecimal.
 *
 * @returns undefined where the text is no such key
 */
export function publicKeyOf(hex: string): KeyObject | undefined {
  if (!keyPattern.test(hex)) return undefined
  const der = Buffer.concat([spkiHead, Buffer.from(hex, 'hex')])
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}

/**
 * As {@link keyIdOf} of the key of 32 octets in lower-case hexadecimal, without making it.
 *
 * @returns undefined where the text is no such key
 */
export function keyIdOfHex(hex: string): string | undefined {
  if (!keyPattern.test(hex)) return undefined
  return createHash('sha256').update(spkiHead).update(hex, 'hex').digest('hex')
}

/** The fingerprint that names a key: SHA-256 over its SubjectPublicKeyInfo. */
export function keyIdOf(key: KeyObject): string {
  const der = key.export({ format: 'der', type: 'spki' })
  return createHash('sha256').update(der).digest('hex')
}

/** The 32 octets of an Ed25519 public key, hexadecimal. */
export function publicKeyHex(key: KeyObject): string {
  return key.export({ format: 'der', type: 'spki' }).subarray(spkiHead.length).toString('hex')
}
