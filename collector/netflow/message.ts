import { readTemplates } from './layout.ts'
import type { TemplateTarget } from './layout.ts'

/**
 * What stands in front of a message's sets, or of v5's records. Times are microseconds since 1970;
 * `exportUs` is when the exporter says that it sent it.
 */
export interface MessageHead {
  readonly version: 5 | 9 | 10
  readonly exportUs: number
  /** Milliseconds since the exporter started, modulo 2^32; IPFIX has none. */
  readonly sysUptimeMs: number | undefined
  readonly sequence: number
  /** Observation domain, v9's source id, or v5's engine type and id. */
  readonly domain: number
  /** Where the sets, or v5's records, begin, and where the message ends. */
  readonly bodyAt: number
  readonly end: number
  /** Where the octets end that came with it: some routers count a message too short. */
  readonly limit: number
  /** What the header says of how much follows: records (v5, v9). */
  readonly count: number
  /** v5: one of so many packets was counted; 0: all. */
  readonly samplingInterval: number
}

export type MessageProblem =
  | 'too-short'
  | 'version-unknown'
  | 'message-length'
  | 'set-length'
  | 'set-id'
  | 'set-beyond'

/*
 * v5   u16 5 | u16 count | u32 sysUptime (ms) | u32 unix seconds | u32 nanoseconds
 *      u32 flow sequence | u8 engine type | u8 engine id | u16 sampling: 2 bits mode, 14 interval
 * v9   u16 9 | u16 count | u32 sysUptime (ms) | u32 unix seconds | u32 sequence | u32 source id
 *      (RFC 3954 §5.1)
 * v10  u16 10 | u16 octets | u32 export time (s) | u32 sequence | u32 observation domain
 *      (RFC 7011 §3.1)
 */

type Written = { -readonly [K in keyof MessageHead]: MessageHead[K] }

/** A head to be read into. One that is used again and again spares an object for each message. */
export function makeHead(): Written {
  return {
    version: 9,
    exportUs: 0,
    sysUptimeMs: undefined,
    sequence: 0,
    domain: 0,
    bodyAt: 0,
    end: 0,
    limit: 0,
    count: 0,
    samplingInterval: 0,
  }
}

/** Reads the head of the message in [from, to), or says what is wrong with it. */
export function readHead(
  view: DataView,
  from: number,
  to: number,
  head: Written = makeHead()
): MessageHead | MessageProblem {
  if (to - from < 16) return 'too-short'
  const version = view.getUint16(from)
  head.end = to
  head.limit = to
  head.samplingInterval = 0
  if (version === 10) return readIpfixHead(view, from, head)
  if (version !== 9 && version !== 5) return 'version-unknown'
  if (to - from < (version === 9 ? 20 : 24)) return 'too-short'
  head.count = view.getUint16(from + 2)
  head.sysUptimeMs = view.getUint32(from + 4)
  head.exportUs = view.getUint32(from + 8) * 1e6
  return version === 9 ? readHead9(view, from, head) : readHead5(view, from, head)
}

function readHead9(view: DataView, from: number, head: Written): MessageHead {
  head.version = 9
  head.sequence = view.getUint32(from + 12)
  head.domain = view.getUint32(from + 16)
  head.bodyAt = from + 20
  return head
}

function readHead5(view: DataView, from: number, head: Written): MessageHead {
  head.version = 5
  head.exportUs += Math.min(999_999, Math.floor(view.getUint32(from + 12) / 1000))
  head.sequence = view.getUint32(from + 16)
  head.domain = view.getUint16(from + 20)
  head.bodyAt = from + 24
  head.samplingInterval = view.getUint16(from + 22) & 0x3fff
  return head
}

function readIpfixHead(view: DataView, from: number, head: Written): MessageHead | MessageProblem {
  const length = view.getUint16(from + 2)
  if (length < 16 || from + length > head.limit) return 'message-length'
  head.version = 10
  head.exportUs = view.getUint32(from + 4) * 1e6
  head.sysUptimeMs = undefined
  head.sequence = view.getUint32(from + 8)
  head.domain = view.getUint32(from + 12)
  head.bodyAt = from + 16
  head.end = from + length
  head.count = 0
  return head
}

/** What is done with the sets of a message. */
export interface SetTarget extends Omit<TemplateTarget, 'problem'> {
  problem(reason: Parameters<TemplateTarget['problem']>[0] | MessageProblem): void
  /** The octets of a data set, without its header. */
  data(id: number, from: number, to: number): void
}

/*
 * Set  u16 id | u16 octets, these four included | records | padding
 *      id 0, 1: templates and options templates of v9; 2, 3: those of IPFIX; from 256 on: data
 */

/** Goes through the sets of a v9 or IPFIX message; what is wrong with one costs no other. */
export function walkSets(view: DataView, head: MessageHead, target: SetTarget): void {
  const isIpfix = head.version === 10
  let at = head.bodyAt
  while (at + 4 <= head.end) {
    const id = view.getUint16(at)
    const length = view.getUint16(at + 2)
    // Some fill their datagrams up with zeros.
    if (id === 0 && length === 0) return
    if (length < 4) {
      target.problem('set-length')
      return
    }
    const end = at + length
    if (end > head.limit) {
      target.problem('set-beyond')
      return
    }
    if (id >= 256) target.data(id, at + 4, end)
    else if (id === (isIpfix ? 2 : 0)) {
      readTemplates(view, at + 4, end, { isOptions: false, isIpfix }, target)
    } else if (id === (isIpfix ? 3 : 1)) {
      readTemplates(view, at + 4, end, { isOptions: true, isIpfix }, target)
    } else target.problem('set-id')
    at = end
  }
}
