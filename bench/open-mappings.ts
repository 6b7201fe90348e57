import { parseArgs } from 'node:util'
import { makeNatBatch, natColumns } from '../collector/nat/nat-row.ts'
import { queryMappings } from '../collector/nat/query.ts'
import { NatTracker } from '../collector/nat/tracker.ts'
import { v4MappedWord } from '../model/address.ts'
import { noNetworks } from '../model/nat-view.ts'
import type { SliceQuery } from '../model/slice.ts'

/**
 * Sessions that a NAT holds open, looked up by public address and port: through the index, and by
 * reading all of them, as a question for every port of an address does.
 *
 * npx tsx bench/open-mappings.ts [--sessions N]
 */
const { values } = parseArgs({ options: { sessions: { type: 'string', default: '1000000' } } })
const sessions = Number(values.sessions)
const noonUs = Date.UTC(2026, 2, 1, 12) * 1000
const publicAddresses = 64

const tracker = new NatTracker({ maxOpen: sessions, journal: { append() {} } })
const batch = makeNatBatch(4096)
const c = natColumns(batch)

/** Session `n`: an inside host of its own, one of few public addresses, and one of its ports. */
function write(row: number, n: number, event: number): void {
  c.natEvent[row] = event
  c.sourceIndex[row] = 1
  c.protocolIdentifier[row] = 6
  for (const [words, last] of [
    [c.sourceAddress, 0x0a00_0000 + n],
    [c.postNatSourceAddress, 0xc000_0200 + (n % publicAddresses)],
    [c.destinationAddress, 0xcb00_7107],
    [c.postNatDestinationAddress, 0xcb00_7107],
  ] as const) {
    words[4 * row + 2] = v4MappedWord
    words[4 * row + 3] = last
  }
  c.sourceTransportPort[row] = 40_000
  c.postNaptSourceTransportPort[row] = 1024 + (Math.floor(n / publicAddresses) % 64_000)
  c.destinationTransportPort[row] = 443
  c.postNaptDestinationTransportPort[row] = 443
  c.flowStartMicroseconds[row] = noonUs + n
  c.flowEndMicroseconds[row] = noonUs + n
}

function take(event: number): number {
  const began = process.cpuUsage()
  for (let from = 0; from < sessions; from += batch.capacity) {
    batch.length = Math.min(batch.capacity, sessions - from)
    for (let row = 0; row < batch.length; row++) write(row, from + row, event)
    tracker.take(batch)
  }
  tracker.flush()
  const { user, system } = process.cpuUsage(began)
  return (user + system) / sessions
}

function ask(queries: readonly SliceQuery[]): [us: number, found: number] {
  const began = performance.now()
  const found = queryMappings(tracker, () => 'gw', noNetworks, queries, noonUs + 60e6)
  const us = (performance.now() - began) * 1000
  return [us / queries.length, found.reduce((sum, { flows }) => sum + flows.length, 0)]
}

const window = { fromUs: noonUs, toUs: noonUs + 60e6, limit: 10_000 }
const address = [0, 0, v4MappedWord, 0xc000_0207] as const
const ports = Array.from({ length: 1000 }, (_, i) => ({ ...window, address, port: 1024 + 7 * i }))

const begin = take(4)
const [byPort, found] = ask(ports)
const [wide] = ask([{ ...window, address }])
const megabytes = process.memoryUsage().arrayBuffers / 2 ** 20
const end = take(5)
console.log(
  `${tracker.counters.begun} sessions began (${begin.toFixed(2)} us of CPU each) and ended ` +
    `(${end.toFixed(2)} us); ${megabytes.toFixed(0)} MiB of arrays while all were open`
)
console.log(`a port of an address: ${byPort.toFixed(1)} us, ${found} found in ${ports.length}`)
console.log(`every port of an address, reading all: ${(wide / 1000).toFixed(1)} ms`)
