import type { Bytes } from '../../model/bytes.ts'
import { readRpc } from '../wire/rpc-message.ts'
import type { RpcCall, RpcReply } from '../wire/rpc-message.ts'
import type { Answer, Datagram, FlowView, Protocol } from './protocol.ts'

/*
 * Messages are drawn in ../wire/rpc-message.ts. Over TCP (RFC 5531 §11) each stands behind its
 * length, whose high bit says that it is the last part. Programs: 100000 port mapper (RFC 1833),
 * 100003 NFS, 100005 mount, 100021 locks, 100024 state, 100227 access lists.
 */
const nfsPrograms = new Set([100_003, 100_005, 100_021, 100_024, 100_227])
const portmapProgram = 100_000
const lastPart = 0x80000000
const maxPart = 1 << 24
const usualPorts = [111, 2049]

type Message = RpcCall | RpcReply

function nameOf(program: number): string {
  if (nfsPrograms.has(program)) return 'nfs'
  return program === portmapProgram ? 'portmap' : 'sun-rpc'
}

function matchOf(call: RpcCall, confidence: number): Answer {
  const { program, version, procedure } = call
  return {
    confidence,
    protocol: nameOf(program),
    evidence: `call of program ${program}, procedure ${procedure}`,
    metadata: { version: String(version) },
  }
}

const isCall = (message: Message | undefined): message is RpcCall => message?.kind === 'call'

/** Replies without their calls say little: there must be several, or a port must speak for them. */
function matchReplies(flow: FlowView, count: number): Answer {
  const port = usualPorts.find((usual) => flow.hasPort(usual))
  if (count === 0 || port === undefined) return flow.isLast ? 'never' : 'more'
  if (!flow.isLast) return 'more'
  const protocol = port === 111 ? 'portmap' : 'nfs'
  return { confidence: 70, protocol, evidence: 'replies at a port of it' }
}

function classifyUdp(flow: FlowView): Answer {
  const messages = flow.datagrams.map(({ bytes }: Datagram) => readRpc(bytes, 0))
  if (messages.includes(undefined)) return 'never'
  const call = messages.find(isCall)
  if (call === undefined) return matchReplies(flow, messages.length)
  const isAnswered = messages.some(
    (message) => message?.kind === 'reply' && message.xid === call.xid
  )
  return matchOf(call, isAnswered ? 100 : 90)
}

/** The first message of a side; `more` while it is not there. */
function firstOf(bytes: Bytes): Message | 'more' | undefined {
  if (bytes.length === 0) return 'more'
  if (bytes.u8(0) < 0x80 && bytes.u8(0) !== 0) return undefined
  const mark = bytes.u32(0)
  if (mark < 0) return 'more'
  const length = mark >= lastPart ? mark - lastPart : mark
  if (length < 20 || length > maxPart) return undefined
  const type = bytes.u32(8)
  if (type > 1) return undefined
  if (bytes.length < Math.min(4 + length, 44)) return 'more'
  return readRpc(bytes, 4)
}

function classifyTcp(flow: FlowView): Answer {
  const [first, second] = flow.sides.map(({ bytes }) => firstOf(bytes))
  if (first === undefined || second === undefined) return 'never'
  const messages = [first, second].filter((message) => message !== 'more')
  const call = messages.find(isCall)
  if (call === undefined) return matchReplies(flow, messages.length)
  return matchOf(call, messages.length === 2 ? 100 : 90)
}

export const sunRpc: Protocol = {
  name: 'sun-rpc',
  title: 'ONC RPC',
  category: 'file',
  transports: ['tcp', 'udp'],
  ports: { tcp: usualPorts, udp: usualPorts },
  variants: { nfs: 'NFS', portmap: 'Port mapper' },
  classify: (flow) => (flow.transport === 'tcp' ? classifyTcp(flow) : classifyUdp(flow)),
}
