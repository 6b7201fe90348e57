/**
 * What passes between the collecting process and that of the API, over a socket pair:
 *
 *   u32 length of the payload (big-endian) | payload
 *
 * From the collecting process it is a structured clone (V8), as the API trusts who started it. From
 * the API it is JSON of bounded length, which is read as what a stranger might have sent.
 */
import { Buffer } from 'node:buffer'
import type { Config } from '../../../model/config.ts'
import type { AnswerUrls } from '../api.ts'
import type { ConfigurationInForce } from '../../../lookup-api/evidence-file/configuration.ts'

/** What of the configuration the API is told: nothing that only the collector needs. */
export interface Settings {
  readonly config: Config
  /** As evidence has it: made where the whole configuration is known. */
  readonly described: ConfigurationInForce
}

export interface Setup extends Settings {
  readonly kind: 'setup'
  readonly urls: AnswerUrls
  /** What can be asked of the collecting process. */
  readonly has: Readonly<Record<'exporters' | 'liveFlows', boolean>>
  /** Names of what has to hold there for answers. */
  readonly readiness: readonly string[]
}

/** An error as it is told to the other process. */
export interface ToldError {
  readonly code?: string | undefined
  readonly message: string
  readonly fix?: string | undefined
}

export type ToApi =
  | Setup
  | ({ readonly kind: 'reload' } & Settings)
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'refused'; readonly id: number; readonly error: ToldError }
  | { readonly kind: 'stop' }

export type FromApi =
  | { readonly kind: 'ready'; readonly address: string }
  | { readonly kind: 'failed'; readonly error: ToldError }
  | { readonly kind: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly text: string }
  | { readonly kind: 'ask'; readonly id: number; readonly what: string; readonly with: unknown }

/** Octets that a message of the API may have: a signature is over a whole file of evidence. */
export const maxFromApi = 32 << 20

const headLength = 4

/** A payload with its length before it. */
export function framed(payload: Uint8Array): Buffer {
  const head = Buffer.alloc(headLength)
  head.writeUInt32BE(payload.length)
  return Buffer.concat([head, payload])
}

/** Takes a stream of octets apart into payloads. */
export class FrameReader {
  #chunks: Buffer[] = []
  #length = 0
  readonly #maxBytes: number

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /**
   * The payloads that are complete with this chunk.
   *
   * @throws Error where one is longer than may be
   */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    const payloads: Buffer[] = []
    for (;;) {
      const wanted = this.#wanted()
      if (wanted === undefined || this.#length < wanted) return payloads
      const all = this.#joined()
      payloads.push(all.subarray(headLength, wanted))
      this.#chunks = [all.subarray(wanted)]
      this.#length -= wanted
    }
  }

  /** Octets of the first frame; undefined where its length is not there yet. */
  #wanted(): number | undefined {
    if (this.#length < headLength) return undefined
    const [first] = this.#chunks
    const head = first !== undefined && first.length >= headLength ? first : this.#joined()
    const length = head.readUInt32BE()
    if (length > this.#maxBytes) throw new Error(`a message of ${length} octets`)
    return headLength + length
  }

  #joined(): Buffer {
    const all = Buffer.concat(this.#chunks)
    this.#chunks = [all]
    return all
  }
}
