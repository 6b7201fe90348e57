import { expect, test } from 'vitest'
import { parseZone } from '../../../model/time-zone.ts'
import { readLines } from './reading.ts'

const zone = parseZone('UTC')

test.each([
  ['the inside is no private address', 'cb007107:01bb A c0000201:4e20 E c6336405:c738 TCP'],
  ['its octets stand the other way round', 'cb007107:01bb A 010200c0:204e E 0500000a:38c7 TCP'],
  [
    'of two sessions one is not believed',
    'cb007107:1bb A c0000201:1 E 0a000005:1 TCP cb007107:1bb A c0000201:2 E 08080808:2 UDP',
  ],
  ['a port is too long', 'cb007107:01bb A c0000201:14e20 E 0a000005:c738 TCP'],
])('a hexadecimal line is not believed where %s', (_, text) => {
  const line = `2026-03-01T12:00:00Z nat1 ${text}`
  const { events, source } = readLines([line], { vendor: 'econat', zone })
  expect(events).toEqual([])
  expect(source.counters.malformed + source.counters.unknown).toBe(1)
})

test('batches of ports of A10 are read in CEF alone, and say so where they are not whole', () => {
  const cef = 'CEF:0|A10|CFW|6.0.0|CGN 106|Nat Port Batch Pool Allocated|5|proto=UDP src=10.0.0.5 '
  const rest = 'sourceTranslatedAddress=192.0.2.1 sourceTranslatedPort=2000 cn3=1999'
  const { source } = readLines([`2026-03-01T12:00:00Z a10 ${cef}${rest}`], { zone })
  expect(source.counters).toMatchObject({ events: 0, malformed: 1 })
})
