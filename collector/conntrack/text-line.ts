import { parseProtocol } from '../../model/protocol.ts'
import { EntryReader } from './text-entry.ts'
import type { LineReason } from './text-entry.ts'
import { scanDecimal, scanEpoch, skipSpace, wordEnd } from './text-scan.ts'
import {
  fieldAt,
  hashStep,
  tcpStates,
  textFields,
  toleratedField,
  toleratedFlags,
} from './text-words.ts'

/** What a line tells: an event of `-E`, or an entry as `-L` and /proc/net/nf_conntrack list it. */
export type LineKind = 'new' | 'update' | 'destroy' | 'sighting'

const eventTags: Readonly<Record<string, LineKind>> = {
  '[NEW]': 'new',
  '[UPDATE]': 'update',
  '[DESTROY]': 'destroy',
}

/** Names of unknown fields that are counted one by one; further ones share a count. */
const maxUnknownNames = 50

/**
 * Reads one line of conntrack's text. The forms, as conntrack 1.4.7, older releases and the kernel
 * print them (what stands in brackets may be missing):
 *
 * ```
 * [[1795192001.745805]] [[NEW]|[UPDATE]|[DESTROY]] [ipv4 2] tcp 6 [431999] [ESTABLISHED]
 *   src= dst= (sport= dport= | type= code= id= | srckey= dstkey=) [zone-orig=] [packets= bytes=]
 *   [[UNREPLIED]]
 *   src= dst= (sport= dport= | type= code= id= | srckey= dstkey=) [zone-reply=] [packets= bytes=]
 *   [[ASSURED]] [mark=] [secctx=] [zone=] [delta-time=] [[start=ctime]] [[stop=ctime]] [helper=]
 *   [use=] [id=] [labels=] [[USERSPACE] portid= [progname=]]
 * ```
 * The first src= opens the original direction, the second the reply. What was read stands in the
 * members until the next line; no object a line.
 */
export class LineReader {
  /** Tuples, counters and numbers of the entry. */
  readonly entry = new EntryReader()
  kind: LineKind = 'sighting'
  /** Time before the line (us since 1970); 0 where there is none. */
  timeUs = 0
  /** Texts of `[start=…]` and `[stop=…]`: local time of nobody knows where; empty where missing. */
  startText = ''
  stopText = ''
  /** The kernel's enum tcp_conntrack; 0 where the line tells no state. */
  tcpState = 0
  assured = false
  /** A process deleted or made the entry, not a packet. */
  userspace = false
  /** True where something known follows the reply's tuple, which so cannot have been cut short. */
  tupleComplete = false
  /** Fields, flags and words that are not known, by name. */
  readonly unknown = new Map<string, number>()
  private line = ''

  /** @returns undefined where the line is an event; else why it is none */
  read(line: string): LineReason | undefined {
    this.reset(line)
    let at = skipSpace(line, 0, line.length)
    if (at === line.length) return 'blank'
    const other = otherForm(line, at)
    if (other !== undefined) return other
    if (line.charCodeAt(at) === 91 && isDigit(line.charCodeAt(at + 1))) {
      const close = line.indexOf(']', at)
      this.timeUs = close < 0 ? -1 : scanEpoch(line, at + 1, close)
      if (this.timeUs < 0) return 'bad-time'
      at = skipSpace(line, close + 1, line.length)
    }
    if (line.charCodeAt(at) === 91) {
      const end = wordEnd(line, at, line.length)
      const kind = eventTags[line.slice(at, end)]
      if (kind === undefined) return 'not-conntrack'
      this.kind = kind
      at = skipSpace(line, end, line.length)
    }
    const head = this.readHead(at)
    if (typeof head === 'string') return head
    return this.readTokens(head) ?? this.entry.finish()
  }

  private reset(line: string): void {
    this.entry.start(line)
    this.line = line
    this.kind = 'sighting'
    this.timeUs = 0
    this.startText = ''
    this.stopText = ''
    this.tcpState = 0
    this.assured = false
    this.userspace = false
    this.tupleComplete = false
  }

  /** Family, protocol, timeout and state: the words before the first `src=`. */
  private readHead(from: number): number | LineReason {
    const { line } = this
    let end = wordEnd(line, from, line.length)
    let word = line.slice(from, end)
    let at = skipSpace(line, end, line.length)
    if (word === 'ipv4' || word === 'ipv6') {
      end = wordEnd(line, at, line.length)
      if (line.slice(at, end) !== (word === 'ipv4' ? '2' : '10')) return 'not-conntrack'
      at = skipSpace(line, end, line.length)
      end = wordEnd(line, at, line.length)
      word = line.slice(at, end)
      at = skipSpace(line, end, line.length)
    }
    if (isDigit(word.charCodeAt(0))) {
      const next = line.slice(at, at + 7)
      return next.startsWith('proto=') || next === 'l3proto' ? 'expectation' : 'not-conntrack'
    }
    if (!isLower(word)) return 'not-conntrack'
    end = wordEnd(line, at, line.length)
    const protocol = scanDecimal(line, at, end, 255)
    if (protocol < 0) return /^\d+$/.test(line.slice(at, end)) ? 'bad-protocol' : 'not-conntrack'
    const named = word === 'unknown' ? protocol : (parseProtocol(word) ?? protocol)
    if (named !== protocol) return 'bad-protocol'
    this.entry.setProtocol(protocol)
    return this.readTimeoutAndState(skipSpace(line, end, line.length), protocol)
  }

  private readTimeoutAndState(from: number, protocol: number): number | LineReason {
    const { line } = this
    let at = from
    if (isDigit(line.charCodeAt(at))) {
      const end = wordEnd(line, at, line.length)
      if (scanDecimal(line, at, end, 0xffffffff) < 0) return 'bad-number'
      at = skipSpace(line, end, line.length)
    }
    const first = line.charCodeAt(at)
    if (first >= 65 && first <= 90) {
      const end = wordEnd(line, at, line.length)
      if (protocol === 6) this.tcpState = tcpStates[line.slice(at, end)] ?? 0
      at = skipSpace(line, end, line.length)
    }
    return at
  }

  private readTokens(from: number): LineReason | undefined {
    const { line, entry } = this
    const to = line.length
    let at = from
    while (at < to) {
      const tuplesRead = entry.tuplesRead
      if (line.charCodeAt(at) === 91) {
        const close = line.indexOf(']', at)
        if (close < 0) return 'not-conntrack'
        this.readFlag(at + 1, close)
        this.tupleComplete = tuplesRead
        at = skipSpace(line, close + 1, to)
        continue
      }
      let equals = at
      let hash = 0
      let char = line.charCodeAt(at)
      while (equals < to && char !== 61 && char > 32) {
        hash = hashStep(hash, char)
        char = line.charCodeAt(++equals)
      }
      const end = wordEnd(line, equals, to)
      if (equals === to || char !== 61) {
        this.countUnknown(line.slice(at, end))
        this.tupleComplete = false
      } else {
        const field = fieldAt(line, at, equals - at, hash)
        // A process may be named anything, spaces and fields included: nothing after it is read.
        if (field === textFields.progname) {
          this.tupleComplete = tuplesRead
          return undefined
        }
        const reason = entry.readField(field, equals + 1, end)
        if (reason !== undefined) return reason
        this.tupleComplete = tuplesRead && mayFollowTuples(field)
        if (field > toleratedField) this.countUnknown(line.slice(at, equals + 1))
      }
      at = skipSpace(line, end, to)
    }
    return undefined
  }

  private readFlag(from: number, to: number): void {
    const flag = this.line.slice(from, to)
    if (flag === 'ASSURED') this.assured = true
    else if (flag === 'USERSPACE') this.userspace = true
    else if (flag.startsWith('start=')) this.startText = flag.slice(6)
    else if (flag.startsWith('stop=')) this.stopText = flag.slice(5)
    else if (!toleratedFlags.has(flag)) this.countUnknown(`[${flag}]`)
  }

  private countUnknown(name: string): void {
    const { unknown } = this
    const shown = name.slice(0, 40)
    const key = unknown.has(shown) || unknown.size < maxUnknownNames ? shown : 'others'
    unknown.set(key, (unknown.get(key) ?? 0) + 1)
  }
}

function mayFollowTuples(field: number): boolean {
  return field === textFields.id || (field >= textFields.packets && field <= toleratedField)
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

/** A protocol's name as conntrack writes it. */
function isLower(word: string): boolean {
  if (word.length === 0 || word.length > 16) return false
  for (let at = 0; at < word.length; at++) {
    const code = word.charCodeAt(at)
    if (!(code >= 97 && code <= 122) && !isDigit(code) && code !== 45) return false
  }
  return true
}

function otherForm(line: string, at: number): LineReason | undefined {
  const first = line.charCodeAt(at)
  if (first === 60 && /^<\/?(?:\?xml|conntrack|expect|flow)/.test(line.slice(at, at + 16))) {
    return 'xml-form'
  }
  if (first === 45 && /^-[AUDI] /.test(line.slice(at, at + 3))) return 'save-form'
  if (first === 99 && line.startsWith('conntrack v', at)) return 'summary'
  return undefined
}
