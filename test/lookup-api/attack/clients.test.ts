import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { embeddedPostgresMissing, skipUnless } from '../../skip.ts'
import { useTarget } from './target.ts'

/** What a server that serves others holds at once; scripts/idle-connections.ts opens more. */
const idleConnections = 2000

const question = '/v1/lookup?ip=192.0.2.1&port=4711&at=2026-03-01T12:00:00Z'

/** What came on a connection, once the other side has closed it. */
async function rest(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk))
  if (socket.closed) return text
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve())
  })
  return text
}

/**
 * Sends an octet now and then for as long as the other side lets it. What came is read before: to
 * write on a connection that is cut ends it with all that was not read.
 */
function trickle(socket: Socket, octet: string): void {
  const send = (): void => {
    if (socket.writable) socket.write(octet)
  }
  const timer = setInterval(() => setImmediate(send), 300)
  socket.once('close', () => clearInterval(timer))
}

describe.skipIf(skipUnless('postgres', embeddedPostgresMissing()))('clients that hold on', () => {
  const target = useTarget()
  const isServed = async (): Promise<void> => {
    const response = await target.ask(question)
    expect(response.status).toBe(200)
    await response.json()
  }
  const begin = async (text: string): Promise<Socket> => {
    const socket = await target.dial()
    socket.write(text)
    return socket
  }
  const post = (path: string, type: string): string =>
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${target.port}\r\nOrigin: ${target.url}\r\n` +
    `Content-Type: ${type}\r\nContent-Length: 10000\r\n`
  const bearer = (): string => `Authorization: Bearer ${target.token}\r\n\r\n`

  test('those that say nothing or trickle are cut off, and others are served meanwhile', async () => {
    const silent: Socket[] = []
    while (silent.length < idleConnections) {
      silent.push(...(await Promise.all(Array.from({ length: 200 }, () => target.dial()))))
    }
    const slow = await Promise.all([
      begin('GET / HTTP/1.1\r\nX-Slow: '),
      begin(`${post('/log-in', 'application/x-www-form-urlencoded')}\r\ntoken=`),
      begin(post('/v1/cases', 'application/json') + bearer()),
      begin(post('/v1/notices', 'text/plain') + bearer()),
      // Who has no token is not waited for at all.
      begin(`${post('/v1/lookups', 'text/csv')}\r\n`),
    ])
    for (const socket of slow) trickle(socket, ' ')
    const ends = Promise.all(slow.map(rest))
    await isServed()
    const answers = await ends
    await Promise.all(silent.map(rest))
    expect(answers.map((text) => text.split('\r\n')[0])).toEqual([
      ...Array.from({ length: 4 }, () => 'HTTP/1.1 408 Request Timeout'),
      'HTTP/1.1 401 Unauthorized',
    ])
    await isServed()
    const metrics = await (await target.ask('/metrics')).text()
    expect(metrics).toContain('flowledger_http_connections_cut_total{reason="slow-body"} 3')
  })

  test('a client that goes away amid its body leaves no line in the log', async () => {
    const before = target.log()
    const gone = await begin(post('/v1/cases', 'application/json') + bearer())
    gone.destroy()
    await isServed()
    expect(target.log()).toBe(before)
  })

  test.each([
    ['/v1/cases', 'application/json', 5 << 20],
    ['/v1/tokens', 'application/json', 5 << 20],
    ['/v1/notices', 'text/plain', 64 << 20],
    ['/v1/lookups', 'text/csv', 65 << 20],
    ['/log-in', 'application/x-www-form-urlencoded', 5 << 20],
  ])('%s refuses a body that is too large', async (path, type, bytes) => {
    const headers = { 'Content-Type': type, Origin: target.url }
    const whole = await target
      .ask(path, { method: 'POST', headers, body: new Uint8Array(bytes).fill(10) })
      .catch(() => undefined)
    // Refused before all of it came, the answer can be lost with the connection.
    expect([413, undefined]).toContain(whole?.status)
    const socket = await begin(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nOrigin: ${target.url}\r\nContent-Type: ${type}\r\n` +
        `Content-Length: 99999999999\r\n${bearer()}`
    )
    const [first] = (await once(socket.setEncoding('latin1'), 'data')) as [string]
    socket.destroy()
    expect(first).toMatch(path === '/v1/lookups' ? /^HTTP\/1.1 (200|400|413) / : /^HTTP\/1.1 413 /)
  })

  test.each([
    ['one long header', `X: ${'x'.repeat(20_000)}\r\n`],
    ['many short ones', 'X: y\r\n'.repeat(3000)],
    ['a long path', '', `/${'x'.repeat(20_000)}`],
  ])('%s is refused', async (_, headers, path = '/') => {
    const socket = await begin(`GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`)
    expect(await rest(socket)).toMatch(/^HTTP\/1.1 431 /)
    await isServed()
  })
})
