import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { directorySourcesSchema } from '../../model/directory-sources.ts'
import type { HttpDirectoryConfig } from '../../model/directory-sources.ts'
import type { SubscriberKey } from '../../model/identity.ts'
import { HttpDirectory } from '../../store/directory-http.ts'
import type { DirectoryCall } from '../../store/directory-http.ts'

const atUs = Date.UTC(2026, 2, 1) * 1000
const ann: SubscriberKey = { type: 'user', value: 'a&b=/ü"' }

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void

async function serve(handle: Handler): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => handle(request, response, Buffer.concat(chunks).toString()))
  })
  servers.push(server)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function configured(given: Record<string, unknown>): HttpDirectoryConfig {
  const [config] = directorySourcesSchema.parse([
    {
      kind: 'http',
      name: 'crm',
      keys: ['user'],
      columns: { id: 'id', name: 'who.name' },
      ...given,
    },
  ])
  if (config?.kind !== 'http') throw new Error('no HTTP directory')
  return config
}

function directory(given: Record<string, unknown>) {
  const calls: DirectoryCall[] = []
  const asked = new HttpDirectory(configured(given), async (call) => {
    calls.push(call)
  })
  return { calls, find: (key = ann, us = atUs) => asked.find(key, key, us) }
}

const json = (response: ServerResponse, value: unknown): void => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(value))
}

describe('a directory that is asked over HTTP', () => {
  it('is asked for a key and an instant, each encoded; each call is told of before', async () => {
    const seen: string[] = []
    const base = await serve((request, response) => {
      seen.push(`${request.url} ${request.headers.authorization}`)
      json(response, [{ id: 12, who: { name: ' Ann ' } }, { id: 'x' }])
    })
    const { find, calls } = directory({
      url: `${base}/find/{type}?q={value}&at={at}`,
      headers: { Authorization: 'Bearer s' },
    })
    expect(await find()).toEqual([
      {
        id: '12',
        name: 'Ann',
        attributes: {},
        directory: 'crm',
        version: 0,
        fromUs: atUs,
        toUs: atUs + 1,
        by: ann,
        shared: false,
      },
      expect.objectContaining({ id: 'x' }) as object,
    ])
    expect(seen).toEqual([
      '/find/user?q=a%26b%3D%2F%C3%BC%22&at=2026-03-01T00%3A00%3A00.000Z Bearer s',
    ])
    expect(calls).toEqual([{ directory: 'crm', key: ann, atUs }])
    await find()
    expect(seen, 'answers are remembered').toHaveLength(1)
    expect(calls, 'what was not asked is not told of').toHaveLength(1)
    await find(ann, atUs + 1e6)
    expect(seen, 'each instant is a question of its own').toHaveLength(2)
    expect(await find({ type: 'mac', value: '02:00:00:00:00:01' })).toEqual([])
    expect(seen, 'keys that it does not know are not asked for').toHaveLength(2)
  })

  it('can be asked by POST and say since when it is so', async () => {
    const bodies: unknown[] = []
    const base = await serve((_, response, body) => {
      bodies.push(JSON.parse(body))
      json(response, {
        data: { id: 'a', from: '2026-02-01T00:00:00Z', to: '2026-03-02T00:00:00Z', f: 'yes' },
      })
    })
    const { find } = directory({
      url: `${base}/`,
      method: 'POST',
      body: '{"login": "{value}"}',
      subscribers: 'data',
      columns: { id: 'id', valid_from: 'from', valid_to: 'to', shared: 'f', attributes: ['f'] },
    })
    expect(await find()).toMatchObject([
      { id: 'a', fromUs: Date.UTC(2026, 1, 1) * 1000, shared: true, attributes: { f: 'yes' } },
    ])
    expect(bodies).toEqual([{ login: ann.value }])
    expect(await find(ann, atUs + 2 * 86_400e6), 'what is true no more').toEqual([])
    expect(bodies, 'one answer serves both instants').toHaveLength(1)
  })

  it('may know nobody', async () => {
    let status = 404
    const base = await serve((_, response) => {
      response.statusCode = status
      json(response, { list: null })
    })
    const none = { url: `${base}/{value}/{at}`, subscribers: 'list', cache: '0s' }
    expect(await directory(none).find()).toEqual([])
    status = 200
    expect(await directory(none).find()).toEqual([])
    expect(await directory({ ...none, subscribers: '__proto__' }).find()).toEqual([])
  })

  const failures: [string, Handler, RegExp][] = [
    ['an error', (_, r) => void r.writeHead(500).end(), /status 500/],
    ['a redirect', (_, r) => void r.writeHead(302, { location: '/elsewhere' }).end(), /status 302/],
    ['no JSON', (_, r) => void r.end('<html>'), /not JSON/],
    ['no id', (_, r) => json(r, [{ name: 'x' }]), /no text or number at id/],
    ['an id that is no text', (_, r) => json(r, [{ id: { a: 1 } }]), /no text or number at id/],
    [
      'more than can be true',
      (_, r) =>
        json(
          r,
          Array.from({ length: 51 }, () => ({ id: 1 }))
        ),
      /more than 50/,
    ],
    ['more than is read', (_, r) => void r.end('[' + ' '.repeat(2 << 20)), /larger than 1 MiB/],
    ['nothing', () => {}, /nothing came within 100 ms/],
    [
      'a cut answer',
      (_, r) => void r.writeHead(200, { 'content-length': 9 }).end('[', () => r.destroy()),
      /./,
    ],
  ]
  it.each(failures)('names nobody after %s', async (what, handle, why) => {
    const base = await serve(handle)
    const { find, calls } = directory({
      url: `${base}/{value}/{at}`,
      timeout: what === 'nothing' ? '100ms' : '60s',
    })
    const asked = find()
    await expect(asked).rejects.toMatchObject({
      code: 'directory-unreachable',
      message: expect.stringMatching(why) as string,
    })
    await expect(find(), 'a failure is not remembered').rejects.toThrow()
    expect(calls).toHaveLength(2)
  })

  it('is not asked where the call cannot be told of', async () => {
    let asked = 0
    const base = await serve((_, response) => {
      asked++
      json(response, [])
    })
    const silent = new HttpDirectory(configured({ url: `${base}/{value}/{at}` }), async () => {
      throw new Error('the audit is away')
    })
    await expect(silent.find(ann, ann, atUs)).rejects.toThrow('the audit is away')
    expect(asked).toBe(0)
  })

  it('does not ask more than eight at a time', async () => {
    let running = 0
    let most = 0
    const base = await serve((_, response) => {
      most = Math.max(most, ++running)
      setTimeout(() => {
        running--
        json(response, [])
      }, 5)
    })
    const { find } = directory({ url: `${base}/{value}/{at}` })
    const keys = Array.from({ length: 40 }, (_, i): SubscriberKey => ({
      type: 'user',
      value: `${i}`,
    }))
    await Promise.all(keys.map((key) => find(key)))
    expect(most).toBeLessThanOrEqual(8)
  })

  it.each([
    'http://crm.example/{value}?at={at}',
    'https://{value}.example/?at={at}',
    'https://crm.example/?at={at}',
    'https://crm.example/{value}',
    'https://crm.example/{value}/{at}/{other}',
    'ftp://127.0.0.1/{value}{at}',
  ])('is not configured as %s', (url) => {
    expect(() => configured({ url })).toThrow()
  })
})
