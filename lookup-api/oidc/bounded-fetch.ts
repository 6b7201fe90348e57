import { FlowledgerError } from '../../model/errors.ts'

/** Bytes of an answer of the provider that are read. */
const maxBytes = 256 << 10

/** How long the provider may take, in milliseconds. */
const answerMs = 5000

const unreachable = (url: string, what: string, cause?: unknown): FlowledgerError =>
  new FlowledgerError('provider-unreachable', `The OpenID provider at ${url} ${what}.`, {
    fix: 'See that api.oidc.issuer is right and reachable from here.',
    cause,
  })

async function readBounded(response: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > maxBytes) throw unreachable(url, `answers with more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/**
 * Asks the provider for an object of JSON, with an end in time and in size, and without following
 * it elsewhere.
 *
 * @throws FlowledgerError `provider-unreachable`
 */
export async function fetchObject(
  url: string,
  init: { readonly method?: string; readonly headers?: Record<string, string>; body?: string } = {}
): Promise<Readonly<Record<string, unknown>>> {
  let text: string
  try {
    const signal = AbortSignal.timeout(answerMs)
    const response = await fetch(url, { ...init, redirect: 'error', signal })
    text = await readBounded(response, url)
    if (!response.ok) throw unreachable(url, `answers with status ${response.status}`)
  } catch (error) {
    if (error instanceof FlowledgerError) throw error
    throw unreachable(url, 'cannot be reached', error)
  }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>
    }
  } catch (error) {
    throw unreachable(url, 'answers with something else than JSON', error)
  }
  throw unreachable(url, 'answers with something else than an object')
}
