import type { AddressWords } from './address.ts'
import type { FlowVerdict } from './flow-verdict.ts'
import { TextTable } from './text-table.ts'

/*
 * Verdicts on their way from the thread that classifies to the one that follows conntrack: typed
 * arrays, since objects by the ten thousand a second would cost both more than their work.
 *
 *   word 0  serial         3  address of the client   16  last packet, us since 1970, f64
 *        1  IP protocol    7  address of the server
 *        2  client's port | server's port << 16
 *       11  applicationId  12  application, category, protocol, host name: numbers of texts
 */
const verdictWords = 18

/** The ends of a connection where it was seen: at the forward hook, between both translations. */
export interface SeenEnds {
  readonly ipProtocol: number
  readonly client: AddressWords
  readonly clientPort: number
  readonly server: AddressWords
  readonly serverPort: number
  /** The last packet that the verdict goes by, us since 1970. */
  readonly atUs: number
}

/** A message of verdicts. */
export interface VerdictMessage {
  readonly count: number
  readonly words: Int32Array<ArrayBuffer>
  /** The texts of numbers 1, 2, … */
  readonly texts: readonly string[]
  /** Whether the entries are wanted that they are joined to. */
  readonly wantsEntries: boolean
}

/** One verdict of a message. */
export interface SentVerdict extends SeenEnds, FlowVerdict {
  readonly serial: number
}

/** Gathers verdicts into messages. */
export class VerdictBatch {
  count = 0
  private words = new Int32Array(64 * verdictWords)
  private readonly texts = new TextTable()

  add(serial: number, ends: SeenEnds, verdict: FlowVerdict): void {
    const base = this.count++ * verdictWords
    if (base + verdictWords > this.words.length) this.grow()
    const { words, texts } = this
    words[base] = serial
    words[base + 1] = ends.ipProtocol
    words[base + 2] = ends.clientPort | (ends.serverPort << 16)
    words.set(ends.client, base + 3)
    words.set(ends.server, base + 7)
    words[base + 11] = verdict.applicationId
    words[base + 12] = texts.numberOf(verdict.application)
    words[base + 13] = texts.numberOf(verdict.category)
    words[base + 14] = texts.numberOf(verdict.protocol)
    words[base + 15] = texts.numberOf(verdict.hostName)
    new Float64Array(words.buffer)[(base + 16) / 2] = ends.atUs
  }

  /** What was gathered, as a message whose words can be transferred; begins anew. */
  take(wantsEntries: boolean): VerdictMessage {
    const { count, words } = this
    const message = { count, words, texts: this.texts.list(), wantsEntries }
    this.count = 0
    this.words = new Int32Array(64 * verdictWords)
    this.texts.clear()
    return message
  }

  private grow(): void {
    const larger = new Int32Array(2 * this.words.length)
    larger.set(this.words)
    this.words = larger
  }
}

function addressAt(words: Int32Array, at: number): AddressWords {
  const word = (i: number): number => (words[at + i] ?? 0) >>> 0
  return [word(0), word(1), word(2), word(3)]
}

/** Reads a message; one object a verdict. */
export function* verdictsOf({ count, words, texts }: VerdictMessage): Generator<SentVerdict> {
  const doubles = new Float64Array(words.buffer)
  for (let base = 0; base < count * verdictWords; base += verdictWords) {
    const word = (at: number): number => words[base + at] ?? 0
    const text = (at: number): string => texts[word(at) - 1] ?? ''
    yield {
      serial: word(0),
      ipProtocol: word(1),
      clientPort: word(2) & 0xffff,
      serverPort: word(2) >>> 16,
      client: addressAt(words, base + 3),
      server: addressAt(words, base + 7),
      applicationId: word(11) >>> 0,
      application: text(12),
      category: text(13),
      protocol: text(14),
      hostName: text(15),
      atUs: doubles[(base + 16) / 2] ?? 0,
    }
  }
}
