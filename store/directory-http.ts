import { directoryName } from '../model/directory-sources.ts'
import type { HttpDirectoryConfig } from '../model/directory-sources.ts'
import { FlowledgerError } from '../model/errors.ts'
import type { Subscriber, SubscriberKey } from '../model/identity.ts'
import { parseDuration } from '../model/quantity.ts'
import { formatInstant } from '../model/time.ts'
import { timeOfCell } from './directory-record.ts'
import { keptText } from './identity-text.ts'

/** Octets of one answer that are read, subscribers of it that are taken, answers in the cache. */
const maxAnswerBytes = 1 << 20
const maxSubscribers = 50
const maxCached = 10_000

/** Answers that may be waited for at a time; more wait for their turn. */
const maxAtOnce = 8

/** A call that is about to be made to the provider's own system. */
export interface DirectoryCall {
  readonly directory: string
  readonly key: SubscriberKey
  readonly atUs: number
}

/** Is told of each call before it is made; where it throws, the call is not made. */
export type OnDirectoryCall = (call: DirectoryCall) => Promise<void>

interface Cached {
  readonly untilMs: number
  readonly found: Promise<readonly Subscriber[]>
}

/**
 * The provider's own system, asked at the time of the question. An answer counts for the instant
 * that was asked for, or for as long as it says itself.
 */
export class HttpDirectory {
  readonly name: string
  readonly #config: HttpDirectoryConfig
  readonly #onCall: OnDirectoryCall
  readonly #cache = new Map<string, Cached>()
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(config: HttpDirectoryConfig, onCall: OnDirectoryCall) {
    this.name = directoryName(config)
    this.#config = config
    this.#onCall = onCall
  }

  /**
   * Whose a key was.
   *
   * @param key folded
   * @param by the key as it was asked for
   * @throws FlowledgerError `directory-unreachable` with the reason; what the hook throws
   */
  async find(key: SubscriberKey, by: SubscriberKey, atUs: number): Promise<readonly Subscriber[]> {
    if (!this.#config.keys.includes(key.type)) return []
    const name = `${key.type} ${key.value} ${this.#asksAt ? atUs : ''}`
    const cached = this.#cache.get(name)
    const found = cached !== undefined && cached.untilMs > Date.now() ? cached.found : undefined
    const all = await (found ?? this.#remember(name, this.#ask(key, atUs)))
    return all.filter((one) => one.fromUs <= atUs && one.toUs > atUs).map((one) => ({ ...one, by }))
  }

  get #asksAt(): boolean {
    return `${this.#config.url}${this.#config.body ?? ''}`.includes('{at}')
  }

  /** Questions that are under way are shared; failures are not remembered. */
  #remember(name: string, found: Promise<readonly Subscriber[]>): Promise<readonly Subscriber[]> {
    const untilMs = Date.now() + (parseDuration(this.#config.cache) ?? 0) / 1000
    this.#cache.delete(name)
    this.#cache.set(name, { untilMs, found })
    const [oldest] = this.#cache.keys()
    if (this.#cache.size > maxCached && oldest !== undefined) this.#cache.delete(oldest)
    found.catch(() => this.#cache.delete(name))
    return found
  }

  async #ask(key: SubscriberKey, atUs: number): Promise<readonly Subscriber[]> {
    if (this.#running >= maxAtOnce) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
      })
    }
    this.#running++
    try {
      await this.#onCall({ directory: this.name, key, atUs })
      return this.#read(await this.#fetch(key, atUs), key, atUs)
    } finally {
      this.#running--
      this.#waiting.shift()?.()
    }
  }

  async #fetch(key: SubscriberKey, atUs: number): Promise<unknown> {
    const { url, method, body, headers, timeout } = this.#config
    const values = { type: key.type, value: key.value, at: formatInstant(atUs) }
    const timeoutMs = (parseDuration(timeout) ?? 0) / 1000
    try {
      const response = await fetch(fill(url, values, encodeURIComponent), {
        method,
        headers: {
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: fill(body, values, inJson) }),
        // A redirect could carry the question to another host.
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      })
      // Nobody there: an answer too.
      if (response.status === 404) {
        await response.body?.cancel()
        return undefined
      }
      if (response.status !== 200) {
        await response.body?.cancel()
        throw this.#failure(`it answered with status ${response.status}`)
      }
      return JSON.parse(await this.#text(response)) as unknown
    } catch (error) {
      if (error instanceof FlowledgerError) throw error
      throw this.#failure(reasonOf(error, timeoutMs), error)
    }
  }

  async #text(response: Response): Promise<string> {
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of response.body ?? []) {
      bytes += (chunk as Uint8Array).byteLength
      if (bytes > maxAnswerBytes) throw this.#failure('its answer is larger than 1 MiB')
      chunks.push(chunk as Uint8Array)
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  }

  /** Takes subscribers out of an answer; one that cannot be understood makes it no answer. */
  #read(answer: unknown, key: SubscriberKey, atUs: number): readonly Subscriber[] {
    const at = answer === undefined ? undefined : valueAt(answer, this.#config.subscribers)
    if (at === undefined || at === null) return []
    const list: unknown[] = Array.isArray(at) ? at : [at]
    if (list.length > maxSubscribers) {
      throw this.#failure(`it names more than ${maxSubscribers} subscribers`)
    }
    return list.map((item) => this.#subscriber(item, key, atUs))
  }

  #subscriber(item: unknown, by: SubscriberKey, atUs: number): Subscriber {
    const { columns } = this.#config
    const text = (path: string | undefined): string | undefined =>
      path === undefined ? undefined : textAt(item, path)
    const id = text(columns.id)
    if (id === undefined) throw this.#failure(`its answer has no text or number at ${columns.id}`)
    const fromUs = timeOfCell(text(columns.valid_from))
    const toUs = timeOfCell(text(columns.valid_to))
    if (Number.isNaN(fromUs) || Number.isNaN(toUs)) {
      throw this.#failure('its answer has a time that cannot be read')
    }
    if (columns.valid_from !== undefined && fromUs === undefined && !this.#asksAt) {
      throw this.#failure('its answer does not say since when it is true')
    }
    const attributes = (columns.attributes ?? []).map((path) => [path, text(path)] as const)
    const [name, contact] = [text(columns.name), text(columns.contact)]
    return {
      id,
      ...(name === undefined ? {} : { name }),
      ...(contact === undefined ? {} : { contact }),
      attributes: Object.fromEntries(
        attributes.filter((each): each is [string, string] => each[1] !== undefined)
      ),
      directory: this.name,
      version: 0,
      fromUs: fromUs ?? atUs,
      toUs: toUs ?? (fromUs === undefined ? atUs + 1 : Infinity),
      by,
      shared: isYes(text(columns.shared)),
    }
  }

  #failure(reason: string, cause?: unknown): FlowledgerError {
    const what = `The directory "${this.name}" gives no answer: ${reason}.`
    return new FlowledgerError('directory-unreachable', what, {
      fix: 'See that it runs, and that url, headers and columns in the configuration are right.',
      cause,
    })
  }
}

type Values = Readonly<Record<string, string>>

function fill(template: string, values: Values, encode: (text: string) => string): string {
  return template.replaceAll(/\{(type|value|at)\}/g, (_, name: string) =>
    encode(values[name] ?? '')
  )
}

/** A text as it stands between the quotes of a JSON string. */
const inJson = (text: string): string => JSON.stringify(text).slice(1, -1)

const isYes = (text: string | undefined): boolean =>
  ['1', 't', 'true', 'y', 'yes'].includes((text ?? '').toLowerCase())

/** What stands at `a.b.c`; own members only. An empty path is the whole. */
function valueAt(value: unknown, path: string): unknown {
  let at = value
  for (const name of path === '' ? [] : path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined
    at = (at as Record<string, unknown>)[name]
  }
  return at
}

function textAt(value: unknown, path: string): string | undefined {
  const at = valueAt(value, path)
  return typeof at === 'string' || typeof at === 'number' || typeof at === 'boolean'
    ? keptText(String(at).trim())
    : undefined
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (error instanceof SyntaxError) return 'its answer is not JSON'
  const { name, message, cause } = error as Error
  if (name === 'TimeoutError') return `nothing came within ${timeoutMs} ms`
  const inner = cause instanceof Error ? cause : undefined
  return (inner?.message ?? message).replace(/\.$/, '')
}
