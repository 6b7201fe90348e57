import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto'
import { Bytes } from '../../model/bytes.ts'
import type { QuicVersion } from './quic-versions.ts'

/** Keys that protect what the client sends first; anybody who sees its packet can make them. */
export interface InitialKeys {
  readonly key: Buffer
  readonly iv: Buffer
  readonly headerKey: Buffer
}

const hmac = (key: Uint8Array, ...data: readonly Uint8Array[]): Buffer => {
  const mac = createHmac('sha256', key)
  for (const part of data) mac.update(part)
  return mac.digest()
}

/** HKDF-Expand-Label (RFC 8446 §7.1) for at most 32 octets and no context. */
function expandLabel(secret: Buffer, label: string, length: number): Buffer {
  const name = `tls13 ${label}`
  const info = Buffer.alloc(name.length + 5)
  info.writeUInt16BE(length, 0)
  info.writeUInt8(name.length, 2)
  info.write(name, 3, 'latin1')
  // An empty context, then the counter of the only block.
  info.writeUInt8(1, name.length + 4)
  return hmac(secret, info).subarray(0, length)
}

/** Keys of the client's Initial packets from the connection id that it first sent to. */
export function initialKeys(version: QuicVersion, salt: string, id: Uint8Array): InitialKeys {
  const secret = expandLabel(hmac(Buffer.from(salt, 'hex'), id), 'client in', 32)
  return {
    key: expandLabel(secret, `${version.label} key`, 16),
    iv: expandLabel(secret, `${version.label} iv`, 12),
    headerKey: expandLabel(secret, `${version.label} hp`, 16),
  }
}

const tagBytes = 16
const sampleBytes = 16

/**
 * Opens an Initial packet (RFC 9001 §5.3, §5.4): the first octet and the packet number are masked
 * with AES of a sample of what follows; the payload is AES-128-GCM with the header authenticated.
 *
 * @param from first octet of the packet in the datagram
 * @param numberAt where its packet number begins
 * @param end behind its last octet
 * @returns the frames; undefined where the keys are not its keys
 */
export function openInitial(
  datagram: Bytes,
  from: number,
  numberAt: number,
  end: number,
  keys: InitialKeys
): Bytes | undefined {
  if (end > datagram.length || numberAt + 4 + sampleBytes > end) return undefined
  const ecb = createCipheriv('aes-128-ecb', keys.headerKey, null)
  const mask = ecb.update(datagram.subarray(numberAt + 4, numberAt + 4 + sampleBytes))
  const header = datagram.subarray(from, numberAt + 4).slice()
  header[0] = (header[0] ?? 0) ^ ((mask[0] ?? 0) & 0x0f)
  const numberBytes = ((header[0] ?? 0) & 3) + 1
  const nonce = Buffer.from(keys.iv)
  const numberIn = numberAt - from
  for (let i = 0; i < numberBytes; i++) {
    const octet = (header[numberIn + i] ?? 0) ^ (mask[i + 1] ?? 0)
    header[numberIn + i] = octet
    const place = nonce.length - numberBytes + i
    nonce[place] = (nonce[place] ?? 0) ^ octet
  }
  const sealedAt = numberAt + numberBytes
  if (end - tagBytes < sealedAt) return undefined
  const gcm = createDecipheriv('aes-128-gcm', keys.key, nonce)
  gcm.setAAD(header.subarray(0, numberIn + numberBytes))
  gcm.setAuthTag(datagram.subarray(end - tagBytes, end))
  const frames = gcm.update(datagram.subarray(sealedAt, end - tagBytes))
  try {
    gcm.final()
  } catch {
    // What does not authenticate was sealed with other keys.
    return undefined
  }
  return new Bytes(frames)
}
