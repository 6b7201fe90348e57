import { once } from 'node:events'
import { request } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { Registry } from 'prom-client'
import { afterEach, expect, test } from 'vitest'
import { makeApp } from '../../../lookup-api/app.ts'
import { startServer } from '../../../lookup-api/server.ts'
import type { RunningServer } from '../../../lookup-api/server.ts'
import type { SliceQuery } from '../../../model/slice.ts'
import { bearers, makeApi } from '../api.ts'
import { makeGate } from '../gate.ts'
import { makeWorld, slice } from '../world.ts'
import type { World } from '../world.ts'

const servers: RunningServer[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function post(world: World): Promise<ClientRequest> {
  const app = makeApp({
    ...world.dependencies,
    tokens: { check: async (token) => bearers[token] },
    registry: new Registry(),
    readiness: [],
  })
  const server = await startServer({ listen: '127.0.0.1:0', app, drainMs: 100 })
  servers.push(server)
  const headers = { Authorization: 'Bearer fl_lookup', 'Content-Type': 'application/x-ndjson' }
  return request(`http://${server.address}/v1/lookups`, { method: 'POST', headers })
}

async function responseTo(sent: ClientRequest): Promise<IncomingMessage> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return response
}

const row = (id: number): string =>
  `${JSON.stringify({ id, ip: '192.0.2.1', port: 2000, at: 1772366400 })}\n`

/** How many entries the audit has once it gets no more. */
async function settled(world: World): Promise<number> {
  for (let before = -1; before !== world.audit.length; await sleep(300)) {
    before = world.audit.length
  }
  return world.audit.length
}

test('a row is answered before the next one is sent', async () => {
  const sent = await post(makeWorld({ slices: [slice(-60, 60)] }))
  sent.write(row(1))
  const response = await responseTo(sent)
  const ids: unknown[] = []
  for await (const line of response.setEncoding('utf8')) {
    ids.push((JSON.parse(line as string) as { id: unknown }).id)
    if (ids.length === 1) sent.write(row(2))
    else sent.end()
  }
  expect(ids).toEqual([1, 2])
})

const many = 2000
const rows = Array.from({ length: many }, (_, i) => row(i)).join('')

/** The response without a socket: nothing but the stream itself holds what is not read. */
function respond(world: World): Promise<Response> {
  return makeApi(world).send('/v1/lookups', {
    method: 'POST',
    headers: { Authorization: 'Bearer fl_lookup', 'Content-Type': 'application/x-ndjson' },
    body: rows,
  })
}

test('who does not read is not answered any further, until they do', async () => {
  const world = makeWorld({ slices: [slice(-60, 60)] })
  const response = await respond(world)
  expect(await settled(world)).toBeLessThan(many / 2)
  const lines = (await response.text()).trimEnd().split('\n')
  expect(lines.map((line) => (JSON.parse(line) as { id: number }).id)).toEqual(
    Array.from({ length: many }, (_, i) => i)
  )
  expect(world.audit).toHaveLength(many)
})

test('who takes no more is not answered any further', async () => {
  const world = makeWorld({ slices: [slice(-60, 60)] })
  const reader = (await respond(world)).body?.getReader()
  await reader?.read()
  await reader?.cancel()
  expect(await settled(world)).toBeLessThan(many / 2)
})

test('who goes away is not answered any further', async () => {
  const world = makeWorld({ slices: [slice(-60, 60)] })
  const gate = makeGate()
  const { openFlows } = world.dependencies
  let asked = 0
  const slow = {
    query: async (query: SliceQuery) => {
      // The first rows are answered, the others wait until the client is gone.
      if (++asked > 100) await gate.opened
      return openFlows.query(query)
    },
  }
  const sent = await post({ ...world, dependencies: { ...world.dependencies, openFlows: slow } })
  sent.on('error', () => {})
  sent.end(rows)
  const response = await responseTo(sent)
  await once(response, 'data')
  sent.destroy()
  await settled(world)
  gate.open()
  expect(await settled(world)).toBeLessThan(many / 2)
})
