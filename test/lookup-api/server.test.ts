import { createServer, connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { FlowledgerError } from '../../model/errors.ts'
import { startServer } from '../../lookup-api/server.ts'
import { makeGate } from './gate.ts'

const app = new Hono().get('/', (c) => c.text('here'))

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason
  )
  if (!(error instanceof FlowledgerError)) throw new Error('no error of ours')
  expect(error.sentence).toContain('--listen')
  return error.code
}

test.each(['127.0.0.1:0', '[::1]:0'])('answers on %s, and no more once closed', async (listen) => {
  const server = await startServer({ listen, app })
  expect(server.address).not.toMatch(/:0$/)
  const response = await fetch(`http://${server.address}/`)
  expect(await response.text()).toBe('here')
  await server.close()
  await server.close()
  await expect(fetch(`http://${server.address}/`)).rejects.toThrow('fetch failed')
})

test('a port in use is said, with what to do', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  try {
    expect(await codeOf(startServer({ listen: `127.0.0.1:${port}`, app }))).toBe('port-in-use')
  } finally {
    other.close()
  }
})

test.each(['8080', 'example.org:80', '127.0.0.1:99999', '203.0.113.1:8080'])(
  'nothing listens on %s',
  async (listen) => {
    const promise = startServer({ listen, app })
    await expect(promise).rejects.toMatchObject({ code: 'config-invalid' })
  }
)

test('a request under way ends before the server is closed', async () => {
  const gate = makeGate()
  const arrival = makeGate()
  const slow = new Hono().get('/', async (c) => {
    arrival.open()
    await gate.opened
    return c.text('at last')
  })
  const server = await startServer({ listen: '127.0.0.1:0', app: slow })
  const response = fetch(`http://${server.address}/`)
  await arrival.opened
  const closed = server.close()
  gate.open()
  expect(await (await response).text()).toBe('at last')
  await closed
})

test('a connection that says nothing does not hold the server up', async () => {
  const server = await startServer({ listen: '127.0.0.1:0', app, drainMs: 50 })
  const [host = '', port = ''] = server.address.split(':')
  const socket = connect(Number(port), host)
  await new Promise<void>((resolve) => {
    socket.once('connect', () => resolve())
  })
  socket.on('error', () => {})
  socket.write('GET / HTTP/1.1\r\n')
  await server.close()
  socket.destroy()
})
