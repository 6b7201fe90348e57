import { expect, test } from 'vitest'
import { queryMappings } from '../../../collector/nat/query.ts'
import { formatWords, requireAddress } from '../../../model/address.ts'
import { noNetworks } from '../../../model/nat-view.ts'
import { blockHolds } from '../../../model/port-set.ts'
import type { Slice, SliceQuery } from '../../../model/slice.ts'
import { batchOf, noonUs, track } from './tracking.ts'
import type { TestEvent } from './tracking.ts'

const publicAddresses = ['192.0.2.1', '192.0.2.2', '2001:db8::1']

/** Sessions, bindings, blocks, addresses, port forwards and what is not translated, in turns. */
function mappingOf(i: number): TestEvent {
  const address = publicAddresses[i % publicAddresses.length] ?? ''
  const inside = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255} 1000`
  const outside = `${address} ${1024 + (i % 50)}`
  const remote = `203.0.113.${i % 7} ${i}`
  const at = i / 1000
  switch (i % 6) {
    case 0:
      return { event: 4, at, inside, outside, remote }
    case 1:
      return { event: 8, at, inside, outside }
    case 2:
      return {
        event: 16,
        at,
        inside,
        outside: `${address} 0`,
        protocol: 0,
        ports: [1024 + i, 1055 + i],
      }
    case 3:
      return { event: 14, at, inside, outside: `${address} 0`, protocol: 0 }
    case 4:
      // From outside to a public port, which is not translated.
      return { event: 4, at, inside: remote, outside: remote, remote: outside }
    default:
      return {
        event: 4,
        at,
        inside: `${address} ${i % 50}`,
        outside: `${address} ${i % 50}`,
        remote,
      }
  }
}

const idsOf = (slices: readonly Slice[]): bigint[] =>
  slices.map(({ flowId }) => flowId).toSorted((a, b) => Number(a - b))

test('each port finds what reading through all mappings finds', () => {
  const { tracker } = track({ maxOpen: 100_000 })
  const all = Array.from({ length: 6000 }, (_, i) => mappingOf(i))
  tracker.take(batchOf(all))
  // A third ends, so that rows are used again, and their places in the index with them.
  const ends = all.filter(({ event }, i) => i % 3 === 0 && event === 4)
  tracker.take(batchOf(ends.map((one) => Object.assign({}, one, { event: 5, at: 10 }))))
  tracker.take(batchOf(all.slice(0, 900).map((one) => Object.assign({}, one, { at: 20 }))))
  const window = { fromUs: noonUs, toUs: noonUs + 60e6, limit: 100_000 }
  let found = 0
  for (const text of publicAddresses) {
    const address = requireAddress(text)
    const wide: SliceQuery = { ...window, address }
    const ports = [0, 7, 1024, 1040, 1073, 2000, 6500, 65_535]
    const queries = [wide, ...ports.map((port) => ({ ...wide, port }))]
    const [every, ...each] = queryMappings(
      tracker,
      () => 'gw',
      noNetworks,
      queries,
      noonUs + 60e6
    ).map(({ flows }) => flows.map(({ slice }) => slice))
    for (const [index, port] of ports.entries()) {
      const expected = (every ?? []).filter((slice) =>
        slice.ports === undefined ? slice.public.port === port : blockHolds(slice.ports, port)
      )
      expect(idsOf(each[index] ?? []), `${formatWords(address)} ${port}`).toEqual(idsOf(expected))
      found += expected.length
    }
  }
  expect(found).toBeGreaterThan(1000)
})
