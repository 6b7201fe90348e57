import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openFlowsAt } from '../../collector/open-flows-client.ts'
import { openFlowsOfAll } from '../../collector/open-flows-of-all.ts'
import { serveOpenFlows } from '../../collector/open-flows-server.ts'
import { v4MappedWord } from '../../model/address.ts'
import type { OpenFlows } from '../../model/open-flows.ts'
import type { SliceQuery } from '../../model/slice.ts'

const folder = mkdtempSync(join(tmpdir(), 'flowledger-sockets-'))
afterAll(() => rmSync(folder, { recursive: true }))

const query: SliceQuery = {
  address: [0, 0, v4MappedWord, 0xc0000201],
  port: 2000,
  fromUs: 0,
  toUs: 1,
  limit: 1,
}

/** A collector that shows nothing, but how far it is. */
const collector = (source: string): OpenFlows => ({
  query: async () => [{ source, flows: [], cut: false, watermarkUs: 7, closedThroughUs: 5 }],
})

const named = async (flows: OpenFlows): Promise<string[]> =>
  (await flows.query(query)).map(({ source }) => source)

test('all that can be reached answer; one that cannot is left out', async () => {
  const sockets = ['one', 'two', 'gone'].map((name) => join(folder, name))
  const [one = '', two = ''] = sockets
  const servers = [
    await serveOpenFlows(one, collector('one')),
    await serveOpenFlows(two, collector('two')),
  ]
  try {
    const all = openFlowsOfAll(sockets.map(openFlowsAt))
    expect(await named(all)).toEqual(['one', 'two'])
    const answers = await all.queryAll?.([query, query])
    expect(answers?.map((answer) => answer.map(({ source }) => source))).toEqual([
      ['one', 'two'],
      ['one', 'two'],
    ])
  } finally {
    for (const server of servers) await server.close()
  }
})

test('the group of its directory may ask where it may list it, and others may not', async () => {
  for (const [directory, socket] of [
    [0o750, 0o660],
    [0o711, 0o600],
    [0o755, 0o600],
    [0o700, 0o600],
  ] as const) {
    const place = join(folder, `mode-${directory.toString(8)}`)
    mkdirSync(place)
    chmodSync(place, directory)
    const server = await serveOpenFlows(join(place, 'sock'), collector('one'))
    expect(statSync(join(place, 'sock')).mode & 0o777).toBe(socket)
    await server.close()
  }
})

test('none that can be reached is the failure of one', async () => {
  const all = openFlowsOfAll([openFlowsAt(join(folder, 'a')), openFlowsAt(join(folder, 'b'))])
  await expect(named(all)).rejects.toMatchObject({ code: 'not-running' })
})

test('a fault is a fault, whoever else answers', async () => {
  const faulty: OpenFlows = { query: () => Promise.reject(new Error('a defect')) }
  await expect(named(openFlowsOfAll([collector('one'), faulty]))).rejects.toThrow('a defect')
})
