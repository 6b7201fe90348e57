import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatWords, requireAddress } from '../../model/address.ts'
import { deterministicDefinition, poolOf } from '../../model/deterministic-definition.ts'
import {
  deterministicAlgorithms,
  holderOfPort,
  holdersOfAddress,
  portsOfInside,
} from '../../model/deterministic-nat.ts'

const pool = (definition: Record<string, unknown>) =>
  poolOf(deterministicDefinition.parse(definition))

/** RFC 7422 §2.3. */
const rfc = pool({
  algorithm: 'sequential',
  inside: '198.51.100.0/28',
  outside: ['192.0.2.1'],
  reserved_ports: 1024,
  dynamic_factor: 2,
})

const outside = requireAddress('192.0.2.1')

describe('the example of RFC 7422 §2.3', () => {
  test('gives each subscriber the ports of its table', () => {
    const ports = (last: number): unknown =>
      portsOfInside(rfc, requireAddress(`198.51.100.${last}`)).map(({ start, end }) => [start, end])
    expect(ports(1)).toEqual([[1024, 5055]])
    expect(ports(2)).toEqual([[5056, 9087]])
    expect(ports(14)).toEqual([[53_440, 57_471]])
    expect(ports(0)).toEqual([])
    expect(ports(15)).toEqual([])
  })

  test('finds the subscriber of each port', () => {
    const holder = (port: number): unknown => {
      const found = holderOfPort(rfc, outside, port)
      return found.kind === 'subscriber' ? formatWords(found.inside) : found.kind
    }
    expect(holder(2001)).toBe('198.51.100.1')
    expect(holder(1023)).toBe('reserved')
    expect(holder(1024)).toBe('198.51.100.1')
    expect(holder(5055)).toBe('198.51.100.1')
    expect(holder(5056)).toBe('198.51.100.2')
    expect(holder(53_440)).toBe('198.51.100.14')
    expect(holder(57_471)).toBe('198.51.100.14')
    expect(holder(57_472)).toBe('dynamic')
    expect(holder(65_535)).toBe('dynamic')
    expect(holderOfPort(rfc, requireAddress('192.0.2.2'), 2001).kind).toBe('not-of-pool')
  })
})

test('a pool of several addresses fills one after the other', () => {
  const two = pool({
    algorithm: 'sequential',
    inside: '100.64.0.0/29',
    all_addresses: true,
    outside: ['192.0.2.1', '192.0.2.9'],
    ports_per_subscriber: 16_128,
  })
  const [fifth] = portsOfInside(two, requireAddress('100.64.0.4'))
  expect(fifth).toMatchObject({ start: 1024, end: 17_151 })
  expect(formatWords(fifth?.outside ?? outside)).toBe('192.0.2.9')
  expect([...holdersOfAddress(two, outside)]).toHaveLength(4)
})

test('IPv6 subscribers have a prefix each', () => {
  const nat64 = pool({
    algorithm: 'sequential',
    inside: '2001:db8::/48',
    subscriber_length: 56,
    outside: ['192.0.2.0/28'],
  })
  const found = holderOfPort(nat64, requireAddress('192.0.2.1'), 1024)
  expect(found).toMatchObject({ kind: 'subscriber' })
  const inside = found.kind === 'subscriber' ? formatWords(found.inside) : ''
  expect(inside).toBe('2001:db8:0:1000::')
})

test.each([
  [{ outside: ['192.0.2.1', '192.0.2.0/30'] }, /twice/],
  [{ outside: ['192.0.2.1'], ports_per_subscriber: 30_000 }, /do not fit/],
  [{ outside: ['2001:db8::1'] }, /no public IPv4/],
  [{ outside: ['192.0.2.1'], inside: '10.0.0.1/8' }, /not a prefix/],
  [{ outside: ['192.0.2.1'], inside: '2001:db8::/32' }, /more subscribers/],
])('what cannot be computed is refused: %j', (part, message) => {
  expect(() => pool({ algorithm: 'sequential', inside: '10.0.0.0/28', ...part })).toThrow(message)
})

test('both directions agree, whatever the pool', () => {
  const definitions = fc.record({
    algorithm: fc.constantFrom(...deterministicAlgorithms),
    length: fc.integer({ min: 20, max: 30 }),
    outsideLast: fc.integer({ min: 0, max: 40 }),
    reserved_ports: fc.integer({ min: 0, max: 4096 }),
    dynamic_factor: fc.integer({ min: 0, max: 5 }),
    all_addresses: fc.boolean(),
  })
  fc.assert(
    fc.property(definitions, fc.nat(40), fc.nat(65_535), (given, index, port) => {
      const { length, outsideLast, ...rest } = given
      let made
      try {
        made = pool({
          ...rest,
          inside: `10.0.0.0/${length}`,
          outside: [`192.0.2.0-192.0.2.${outsideLast}`],
        })
      } catch {
        return
      }
      const address = requireAddress(`192.0.2.${index % (outsideLast + 1)}`)
      const found = holderOfPort(made, address, port)
      if (found.kind !== 'subscriber') return
      expect((port - found.start) % found.step).toBe(0)
      expect(port).toBeGreaterThanOrEqual(found.start)
      expect(port).toBeLessThanOrEqual(found.end)
      const back = portsOfInside(made, found.inside)
      expect(back).toContainEqual({
        outside: found.outside,
        start: found.start,
        end: found.end,
        step: found.step,
      })
    }),
    { numRuns: 2000 }
  )
})

test('no two subscribers have one port', () => {
  for (const algorithm of deterministicAlgorithms) {
    const small = pool({
      algorithm,
      inside: '10.0.0.0/27',
      outside: ['192.0.2.1-192.0.2.3'],
      reserved_ports: 60_000,
      dynamic_factor: 1,
    })
    const seen = new Map<string, string>()
    for (let last = 0; last < 32; last++) {
      const inside = `10.0.0.${last}`
      for (const { outside: address, start, end, step } of portsOfInside(
        small,
        requireAddress(inside)
      )) {
        for (let port = start; port <= end; port += step) {
          const key = `${formatWords(address)} ${port}`
          expect(seen.get(key), `${algorithm} ${key}`).toBeUndefined()
          expect(port).toBeLessThanOrEqual(65_535)
          seen.set(key, inside)
        }
      }
    }
    expect(new Set(seen.values()).size).toBe(30)
  }
})
