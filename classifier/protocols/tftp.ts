import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 1350 §5, options RFC 2347; each first field is two octets:
 *
 *   | 1 read, 2 write | file name 0 | mode 0 | option 0 value 0 ... |
 *   | 3 data          | block | up to 512 octets, or as many as blksize said |
 *   | 4 acknowledged  | block |
 *   | 5 error         | code  | text 0 |
 *   | 6 options taken | option 0 value 0 ... |
 *
 * The server answers from another port than 69: that is a flow of its own, which begins with data,
 * an acknowledgement or the options.
 */
const modes = new Set(['netascii', 'octet', 'mail'])
const maxTextBytes = 512
const blockBytes = 512
const maxFields = 20

/** Texts that fill the octets from a place on, each with a NUL; undefined where they do not. */
function textsOf(bytes: Bytes, from: number): string[] | undefined {
  const texts: string[] = []
  let at = from
  while (at < bytes.length && texts.length < maxFields) {
    const end = bytes.indexOf(0, at, at + maxTextBytes)
    if (end < 0) return undefined
    const text = bytes.text(at, end)
    if (/\p{Cc}/u.test(text)) return undefined
    texts.push(text)
    at = end + 1
  }
  return texts
}

function request(bytes: Bytes): Metadata | undefined {
  const [fileName, mode, ...options] = textsOf(bytes, 2) ?? []
  if (fileName === undefined || fileName === '' || !modes.has(mode?.toLowerCase() ?? '')) {
    return undefined
  }
  // Some send a single NUL too many.
  return options.length % 2 === 0 || options.at(-1) === '' ? { fileName } : undefined
}

const options = new Set(['blksize', 'tsize', 'timeout', 'windowsize', 'multicast', 'rollover'])

function areOptions(bytes: Bytes): boolean {
  const texts = textsOf(bytes, 2)
  return texts !== undefined && texts.length >= 2 && options.has(texts[0]?.toLowerCase() ?? '')
}

function isError(bytes: Bytes): boolean {
  const isText = bytes.u16(2) <= 8 && bytes.u8(bytes.length - 1) === 0
  return isText && (bytes.length === 5 || bytes.isPrintable(4, bytes.length - 1))
}

const isAcknowledged = (bytes: Bytes, block: number): boolean =>
  bytes.u16(0) === 4 && bytes.wireLength === 4 && bytes.u16(2) === block

/** Data in blocks that are counted up, or data and what acknowledges it. */
function transfer(flow: FlowView): Answer {
  const [first, second] = flow.datagrams
  if (first === undefined) return 'never'
  const { bytes } = first
  const block = bytes.u16(2)
  const isData = bytes.u16(0) === 3 && bytes.wireLength <= blockBytes + 4 && block === 1
  if (!isData && !isAcknowledged(bytes, 0)) return 'never'
  if (second === undefined) return 'more'
  const next = second.bytes
  const isFull = bytes.wireLength === blockBytes + 4
  if (second.fromClient !== first.fromClient) {
    const agrees = isData ? isAcknowledged(next, 1) : next.u16(0) === 3 && next.u16(2) === 1
    return agrees ? { confidence: 90, evidence: 'block and its acknowledgement' } : 'never'
  }
  const isNext = isData && isFull && next.u16(0) === 3 && next.u16(2) === 2
  return isNext ? { confidence: 80, evidence: 'blocks counted up' } : 'never'
}

function classify(flow: FlowView): Answer {
  const [first] = flow.datagrams
  if (first === undefined || first.bytes.u8(0) !== 0) return 'never'
  const { bytes } = first
  const operation = bytes.u8(1)
  if (operation === 1 || operation === 2) {
    const metadata = request(bytes)
    if (metadata === undefined) return 'never'
    return { confidence: 95, evidence: operation === 1 ? 'read' : 'write', metadata }
  }
  if (operation === 6 && areOptions(bytes)) return { confidence: 95, evidence: 'options taken' }
  if (operation === 5 && isError(bytes)) return { confidence: 70, evidence: 'error with its text' }
  return transfer(flow)
}

export const tftp: Protocol = {
  name: 'tftp',
  title: 'TFTP',
  category: 'file',
  transports: ['udp'],
  ports: { udp: [69] },
  classify,
}
