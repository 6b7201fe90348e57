import type { Bytes } from '../../model/bytes.ts'

/*
 * RFC 5531 §9, in words of four octets:
 *
 *    0     4          8             12        16        20
 *   | xid | call 0   | version 2   | program | version | procedure | credentials | verifier | ...
 *   | xid | answer 1 | accepted 0  | verifier | state 0 .. 5 | ...
 *   | xid | answer 1 | denied 1    | why 0, 1 | ...
 *
 * Credentials and verifier: | kind | length, at most 400 | octets, filled up |.
 */
export interface RpcCall {
  readonly kind: 'call'
  readonly xid: number
  readonly program: number
  readonly version: number
  readonly procedure: number
}

export interface RpcReply {
  readonly kind: 'reply'
  readonly xid: number
}

const maxAuthBytes = 400
const largestProgram = 0x60000000
const largestNumber = 1024

/** Behind credentials or a verifier; -1 where they are none, or not whole. */
function authEnd(bytes: Bytes, at: number): number {
  const [kind, length] = [bytes.u32(at), bytes.u32(at + 4)]
  const isKnown = (kind >= 0 && kind <= 7) || kind === 390_004
  if (!isKnown || length < 0 || length > maxAuthBytes) return -1
  return at + 8 + ((length + 3) & ~3)
}

function readCall(bytes: Bytes, at: number): RpcCall | undefined {
  const [program, version, procedure] = [bytes.u32(at + 12), bytes.u32(at + 16), bytes.u32(at + 20)]
  if (bytes.u32(at + 8) !== 2 || program < 100_000 || program > largestProgram) return undefined
  if (version > largestNumber || procedure > largestNumber || version < 0 || procedure < 0)
    return undefined
  const verifier = authEnd(bytes, at + 24)
  if (verifier < 0) return undefined
  // The capture may have cut the verifier off.
  if (verifier + 8 <= bytes.length && authEnd(bytes, verifier) < 0) return undefined
  return { kind: 'call', xid: bytes.u32(at), program, version, procedure }
}

function readReply(bytes: Bytes, at: number): RpcReply | undefined {
  const reply: RpcReply = { kind: 'reply', xid: bytes.u32(at) }
  const state = bytes.u32(at + 8)
  if (state === 1) return bytes.u32(at + 12) <= 1 && bytes.length >= at + 16 ? reply : undefined
  if (state !== 0) return undefined
  const verifier = authEnd(bytes, at + 12)
  const accepted = verifier < 0 ? -1 : bytes.u32(verifier)
  return accepted >= 0 && accepted <= 5 ? reply : undefined
}

/** Reads the message at a place; undefined where there is none, or too little of it. */
export function readRpc(bytes: Bytes, at: number): RpcCall | RpcReply | undefined {
  const type = bytes.u32(at + 4)
  if (type === 0) return readCall(bytes, at)
  return type === 1 ? readReply(bytes, at) : undefined
}
