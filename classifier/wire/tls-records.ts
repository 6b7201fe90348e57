import { Bytes } from '../../model/bytes.ts'

/*
 * RFC 8446 §5.1: | type | version (2) | length (2) | content ... |
 *
 * Handshake messages may be spread over several records, and one record may hold several of them.
 */
export const contentType = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
} as const

/** RFC 5246 §6.2.3 allows 2^14 + 2048 octets. */
const maxRecordBytes = 16_384 + 2048
const headerBytes = 5

/** What the records at the beginning of one direction hold. */
export interface TlsRecords {
  /** The handshake messages, as far as they came in clear and without a hole. */
  readonly handshake: Bytes
  /** Version of the first record. */
  readonly version: number
  /** Type of the first record that is no handshake; -1 where there is none yet. */
  readonly next: number
  /** Records that are there with their header. */
  readonly records: number
}

/** True where a TLS record header stands at `at`, as far as it is there. */
export function isRecordHeader(bytes: Bytes, at: number): boolean {
  const type = bytes.u8(at)
  const minor = bytes.u8(at + 2)
  const length = bytes.u16(at + 3)
  return (
    type >= contentType.changeCipherSpec &&
    type <= contentType.applicationData &&
    (bytes.length <= at + 1 || bytes.u8(at + 1) === 3) &&
    minor <= 4 &&
    length <= maxRecordBytes &&
    length !== 0
  )
}

/** Reads the records from `from` on; undefined where there are none. */
export function readRecords(bytes: Bytes, from = 0): TlsRecords | undefined {
  if (bytes.length <= from || !isRecordHeader(bytes, from)) return undefined
  const parts: Bytes[] = []
  let at = from
  let next = -1
  let records = 0
  while (at + headerBytes <= bytes.length && isRecordHeader(bytes, at)) {
    const type = bytes.u8(at)
    records++
    if (type !== contentType.handshake) {
      next = type
      break
    }
    const end = at + headerBytes + bytes.u16(at + 3)
    parts.push(bytes.slice(at + headerBytes, end))
    at = end
  }
  return { handshake: joined(parts), version: bytes.u16(from + 1), next, records }
}

function joined(parts: readonly Bytes[]): Bytes {
  const [first, second] = parts
  if (first === undefined) return new Bytes(new Uint8Array(0))
  if (second === undefined) return first
  return new Bytes(Buffer.concat(parts.map((part) => part.subarray())))
}

/**
 * The body of the first handshake message of a type:
 * | type | length (3) | body ... |.
 *
 * @returns its body; `more` where it is not all there; undefined where there is none
 */
export function handshakeMessage(handshake: Bytes, wanted: number): Bytes | 'more' | undefined {
  let at = 0
  for (let i = 0; i < 16; i++) {
    const type = handshake.u8(at)
    const length = handshake.u24(at + 1)
    if (type < 0 || length < 0) return 'more'
    const end = at + 4 + length
    if (type === wanted) return end > handshake.length ? 'more' : handshake.slice(at + 4, end)
    at = end
  }
  return undefined
}
