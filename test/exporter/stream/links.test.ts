import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { risks } from '../../../classifier/risks.ts'
import { dumpState } from '../../../exporter/stream/dump.ts'
import { StreamHub } from '../../../exporter/stream/hub.ts'
import type { StreamSource } from '../../../exporter/stream/hub.ts'
import { intelMessage } from '../../../exporter/stream/intel-message.ts'
import { listen } from '../../../exporter/stream/listen.ts'
import { noCounts } from '../../../model/streamed-links.ts'
import { until } from '../../until.ts'
import { connect, linesOf, source, streamed } from './source.ts'
import type { Line } from './source.ts'

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'flowledger-stream-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

/** A source that reads one interface. */
function readingSource(): StreamSource {
  const counts = new Map([['eth0', { ...noCounts(), raw: 7, largestOctets: 60, dropped: 2 }]])
  const interfaces = new Map([['eth0', { mac: '02:00:00:00:00:01', addresses: ['192.0.2.1'] }]])
  const endpoints = new Map([['02:00:00:00:00:09', new Set(['192.0.2.9'])]])
  return { ...source([streamed()]), links: () => ({ counts, interfaces, endpoints, lost: 2 }) }
}

test('interfaces and what passes them are told with the status, and on request', async () => {
  const hub = new StreamHub(readingSource())
  const path = join(directory(), 'stream.sock')
  const stream = await listen(hub, { at: { path } })
  onTestFinished(() => stream.close())
  const socket = await connect({ path })
  const lines = linesOf(socket)
  await until(() => hub.size === 1)
  hub.tellStatus()
  await until(() => lines.length === 6)
  const told = [
    { type: 'interfaces', interfaces: { eth0: { mac: '02:00:00:00:00:01', addr: ['192.0.2.1'] } } },
    {
      type: 'interface_stats',
      interface_stats: { eth0: { raw: 7, largest_bytes: 60, capture_dropped: 2, tcp: 0 } },
    },
    { type: 'global_stats', global_stats: { raw: 7, capture_dropped: 2 } },
    { type: 'endpoints', endpoints: { '02:00:00:00:00:09': ['192.0.2.9'] } },
  ]
  expect(lines.slice(1)).toMatchObject([{ type: 'agent_status' }, ...told])
  socket.write('endpoints\n{"command":"interface_stats"}\n')
  await until(() => lines.length === 8)
  expect(lines.slice(6)).toMatchObject([told[3], told[1]])
  socket.destroy()
})

test('what is worth a second look is told with the values that it was seen by', () => {
  const metadata = { tlsVersion: '1.0', tlsCipher: '0005', hostname: 'a.example' }
  const seen = streamed({ risks: ['obsolete-tls', 'weak-cipher', 'odd-port'], metadata })
  const { flow, intel, ...head } = JSON.parse(intelMessage(seen)) as Line
  expect(head).toMatchObject({ type: 'flow_intel', flow_metadata: 'none', internal: false })
  expect(flow).toEqual({ digest: seen.digest })
  const common = { category: 'risk', indicator_driver: 'flowledger', event: 'dpi_complete' }
  expect(intel).toEqual([
    { ...common, indicator: 'obsolete-tls', criteria: { ssl_version: '1.0' } },
    { ...common, indicator: 'weak-cipher', criteria: { ssl_cipher: '0005' } },
    { ...common, indicator: 'odd-port', criteria: { protocol: 'tls', other_port: 443 } },
  ])
  // Each risk that there is says what it was seen by.
  const all = JSON.parse(intelMessage(streamed({ risks: Object.keys(risks) }))) as Line
  const seenBy = (all['intel'] as { criteria: object }[]).map(({ criteria }) => criteria)
  expect(seenBy).toHaveLength(Object.keys(risks).length)
})

test('the state is written to a file as a whole', () => {
  const path = join(directory(), 'state.json')
  writeFileSync(path, 'older')
  dumpState(new StreamHub(readingSource()), path)
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  const types = lines.map((line) => (JSON.parse(line) as Line).type)
  const links = ['interfaces', 'interface_stats', 'global_stats', 'endpoints']
  expect(types).toEqual(['agent_status', ...links, 'flow'])
  expect(statSync(path).mode & 0o007).toBe(0)
})
