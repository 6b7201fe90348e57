import { request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { Target } from './target.ts'

/** What came back. */
export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A request as an attacker writes it: the path goes out as it stands, from an address of choice. */
export interface Attempt {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Of this host; left out: 127.0.0.1. */
  readonly from?: string
}

/** Sends it on a connection of its own. */
export function attempt(target: Target, wanted: Attempt): Promise<Reply> {
  const { method = 'GET', path, headers = {}, body, from } = wanted
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: target.port,
      agent: false,
      method,
      path,
      headers,
      ...(from === undefined ? {} : { localAddress: from }),
    }
    const sent = request(options, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.once('error', reject)
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text })
      })
    })
    sent.once('error', reject)
    sent.end(body)
  })
}

/**
 * Logs in as a browser does, with the administrator's token.
 *
 * @param origin where the configuration says that browsers find it
 */
export async function session(
  target: Target,
  origin = target.url
): Promise<{ cookie: string; csrf: string }> {
  const reply = await attempt(target, {
    method: 'POST',
    path: '/log-in',
    headers: { Origin: origin, 'Content-Type': 'application/x-www-form-urlencoded' },
    body: `token=${target.token}&return_to=/`,
  })
  const cookie = reply.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  const own = await attempt(target, { path: '/v1/session', headers: { Cookie: cookie } })
  return { cookie, csrf: (JSON.parse(own.body) as { csrf_token: string }).csrf_token }
}

/** Runs the tasks, so many at one time; each of them answers by its own. */
export async function inTurns<T>(
  items: readonly T[],
  atOnce: number,
  task: (item: T) => Promise<void>
): Promise<void> {
  const waiting = items.values()
  const worker = async (): Promise<void> => {
    for (const item of waiting) await task(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
