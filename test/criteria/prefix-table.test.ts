import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PrefixTable } from '../../criteria/prefix-table.ts'
import { formatAddress, parsePrefix, prefixHolds, requireAddress } from '../../model/address.ts'
import type { Prefix } from '../../model/address.ts'

const prefix = (text: string): Prefix => {
  const read = parsePrefix(text)
  if (read === undefined) throw new Error(text)
  return read
}

test('the longest prefix counts, at its very edges', () => {
  const texts = ['0.0.0.0/0', '10.0.0.0/8', '10.1.0.0/16', '10.1.2.3/32', '255.255.255.255', '::/0']
  const table = new PrefixTable(texts.map((text, value) => ({ prefix: prefix(text), value })))
  const find = (text: string): string => texts[table.find(...requireAddress(text))] ?? 'none'
  expect(find('9.255.255.255')).toBe('0.0.0.0/0')
  expect(find('10.0.0.0')).toBe('10.0.0.0/8')
  expect(find('10.1.255.255')).toBe('10.1.0.0/16')
  expect(find('10.1.2.3')).toBe('10.1.2.3/32')
  expect(find('10.1.2.4')).toBe('10.1.0.0/16')
  expect(find('10.2.0.0')).toBe('10.0.0.0/8')
  expect(find('11.0.0.0')).toBe('0.0.0.0/0')
  expect(find('255.255.255.255')).toBe('255.255.255.255')
  expect(find('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')).toBe('::/0')
})

test('nothing holds an address where there is no prefix', () => {
  expect(new PrefixTable([]).find(0, 0, 0, 0)).toBe(-1)
})

test('agrees with looking at one prefix after the other', () => {
  // Few bits, so that prefixes lie within each other often.
  const words = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3))
  const address = words.map(([a, b, c, d]) => [a * 2 ** 30, b, c * 2 ** 30, d] as const)
  const one = fc.tuple(address, fc.nat(128)).map(([[a, b, c, d], length]) => {
    const bits = [a, b, c, d].map((word) => word.toString(2).padStart(32, '0')).join('')
    const cut = bits.slice(0, length).padEnd(128, '0')
    const parts = [0, 32, 64, 96].map((at) => Number.parseInt(cut.slice(at, at + 32), 2))
    const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = parts
    return parsePrefix(`${formatAddress(w0, w1, w2, w3)}/${length}`)
  })
  fc.assert(
    fc.property(fc.array(one, { maxLength: 12 }), fc.array(address), (list, addresses) => {
      const prefixes = list.flatMap((item) => item ?? [])
      const table = new PrefixTable(prefixes.map((item, value) => ({ prefix: item, value })))
      for (const [w0, w1, w2, w3] of addresses) {
        let best = -1
        for (const [i, item] of prefixes.entries()) {
          if (!prefixHolds(item, w0, w1, w2, w3)) continue
          if (best < 0 || item.length > (prefixes[best]?.length ?? 0)) best = i
        }
        expect(table.find(w0, w1, w2, w3)).toBe(best)
      }
    }),
    { numRuns: 500 }
  )
})
