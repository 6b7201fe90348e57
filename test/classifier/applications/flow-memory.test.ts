import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FlowMemory } from '../../../classifier/applications/flow-memory.ts'
import { Flow } from '../../../classifier/flow.ts'
import { v4MappedWord } from '../../../model/address.ts'
import type { Classification } from '../../../model/classification.ts'
import { Packet } from '../../../model/packet.ts'
import { file } from './rules.ts'

function flow(client: number, atUs = 0, protocol = 17): Flow {
  const packet = new Packet()
  packet.protocol = protocol
  packet.timeUs = atUs
  packet.source2 = packet.destination2 = v4MappedWord
  packet.source3 = client
  packet.destination3 = 0xc000_0201
  packet.sourcePort = 60_000
  packet.destinationPort = 50_000
  return new Flow(packet)
}

const found = (protocol: string, application?: string, confidence = 90): Classification => ({
  protocol,
  application,
  confidence,
  metadata: {},
  risks: [],
  evidence: [],
})
const unknown = found('unknown', undefined, 0)

function keep(memory: FlowMemory, one: Flow, what: Classification): void {
  memory.keep(one, what, one.clientAddress, one.serverAddress)
}

function recall(memory: FlowMemory, one: Flow): Classification {
  return memory.completed(one, unknown, one.clientAddress, one.serverAddress)
}

test('the same ends are recognised for an hour, others and TCP are not', () => {
  const memory = new FlowMemory()
  keep(memory, flow(0xffff_fffe), found('rtp', 'zoom'))
  expect(recall(memory, flow(0xffff_fffe, 3599e6))).toMatchObject({
    protocol: 'rtp',
    application: 'zoom',
    confidence: 60,
    evidence: [{ source: 'expectation', speaksFor: 'rtp' }],
  })
  expect(recall(memory, flow(0xffff_fffe, 3601e6))).toBe(unknown)
  expect(recall(memory, flow(0xffff_fffd))).toBe(unknown)
  expect(recall(memory, flow(0xffff_fffe, 0, 6))).toBe(unknown)
})

test('what was not sure is not believed again, and what was found now counts', () => {
  const memory = new FlowMemory()
  keep(memory, flow(1), found('rtp', undefined, 70))
  expect(recall(memory, flow(1))).toBe(unknown)
  keep(memory, flow(1), found('rtp'))
  const now = found('stun')
  expect(memory.completed(flow(1), now, flow(1).clientAddress, flow(1).serverAddress)).toBe(now)
  expect(recall(memory, flow(1)).application).toBeUndefined()
})

test('it is bounded, and the latest flows are there', () => {
  const memory = new FlowMemory()
  for (let i = 0; i < 100_000; i++) keep(memory, flow(i, i), found('rtp'))
  expect(memory.size).toBeLessThanOrEqual(65_536)
  expect(memory.size).toBeGreaterThan(60_000)
  for (let i = 99_000; i < 100_000; i++) expect(recall(memory, flow(i, i)).protocol).toBe('rtp')
})

test('it is kept in a file; damage costs one line', async () => {
  const path = file('')
  const memory = new FlowMemory()
  keep(memory, flow(1), found('rtp', 'zoom'))
  keep(memory, flow(2, -3000e6), found('stun'))
  await memory.save(path, 700e6)
  writeFileSync(path, '["::1 1 ::2 70000",9e15,["a","b"]]\nno\n', { flag: 'a' })
  const back = new FlowMemory()
  expect(back.load(path, 700e6)).toBe(2)
  expect(recall(back, flow(1, 701e6))).toMatchObject({ protocol: 'rtp', application: 'zoom' })
  expect(recall(back, flow(2, 701e6))).toBe(unknown)
})
