import { createCipheriv, createDecipheriv, hash } from 'node:crypto'
import { Bytes } from '../../model/bytes.ts'
import type { QuicVersion } from './quic-versions.ts'

/** Keys that protect what the client sends first; anybody who sees its packet can make them. */
export interface InitialKeys {
  readonly key: Buffer
  readonly iv: Buffer
  readonly headerKey: Buffer
}

const blockBytes = 64
const digestBytes = 32
/** Room for a block and what follows it: an info, a connection id, a digest. */
const inner = Buffer.alloc(blockBytes + 64)
const outer = Buffer.alloc(blockBytes + digestBytes)

/** HMAC-SHA-256 (RFC 2104) with a key of at most a block, of at most 64 octets. */
function hmac(key: Uint8Array, data: Uint8Array): Buffer {
  for (let i = 0; i < blockBytes; i++) {
    const octet = key[i] ?? 0
    inner[i] = octet ^ 0x36
    outer[i] = octet ^ 0x5c
  }
  inner.set(data, blockBytes)
  outer.set(hash('sha256', inner.subarray(0, blockBytes + data.length), 'buffer'), blockBytes)
  return hash('sha256', outer, 'buffer')
}

const infos = new Map<string, Buffer>()

/** What HKDF-Expand-Label (RFC 8446 §7.1) is given for a label and no context. */
function infoOf(label: string, length: number): Buffer {
  const known = infos.get(label)
  if (known !== undefined) return known
  const name = `tls13 ${label}`
  const info = Buffer.alloc(name.length + 5)
  info.writeUInt16BE(length, 0)
  info.writeUInt8(name.length, 2)
  info.write(name, 3, 'latin1')
  // An empty context, then the counter of the only block.
  info.writeUInt8(1, name.length + 4)
  infos.set(label, info)
  return info
}

/** HKDF-Expand-Label for at most 32 octets; each label has one length. */
function expandLabel(secret: Uint8Array, label: string, length: number): Buffer {
  return hmac(secret, infoOf(label, length)).subarray(0, length)
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
