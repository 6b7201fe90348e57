import fc from 'fast-check'
import { expect, test } from 'vitest'
import { normaliseDomain, normaliseHost } from '../../../classifier/applications/host-name.ts'
import { HostTable } from '../../../classifier/applications/host-table.ts'

test('the longest name that holds a host counts, whole labels alone', () => {
  const table = new HostTable()
  table.add('example.com', 1, false, 0, 1)
  table.add('b.example.com', 2, false, 0, 2)
  table.add('only.example.com', 3, true, 0, 3)
  const owner = (host: string): number => {
    const row = table.find(host)
    return row < 0 ? -1 : table.ownerOf(row)
  }
  expect(owner('example.com')).toBe(1)
  expect(owner('a.b.example.com')).toBe(2)
  expect(owner('only.example.com')).toBe(3)
  expect(owner('a.only.example.com')).toBe(1)
  expect(owner('notexample.com')).toBe(-1)
  expect(owner('com')).toBe(-1)
  expect(owner('.example.com')).toBe(1)
  expect(owner('')).toBe(-1)
  expect(table.add('example.com', 9, false, 0, 4)).toBe(false)
  expect(table.lineOf(table.find('x.example.com'))).toBe(1)
})

test('agrees with a map of names, however many there are', () => {
  const label = fc.constantFrom('a', 'b', 'c', 'dd', 'e-e')
  const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'))
  fc.assert(
    fc.property(fc.array(name, { maxLength: 60 }), fc.array(name), (names, hosts) => {
      const table = new HostTable()
      const map = new Map<string, number>()
      for (const [i, one] of names.entries()) {
        table.add(one, i, false, 0, i)
        if (!map.has(one)) map.set(one, i)
      }
      for (const host of hosts) {
        const labels = host.split('.')
        const suffixes = labels.map((_, i) => labels.slice(i).join('.'))
        const wanted = suffixes.find((suffix) => map.has(suffix))
        const row = table.find(host)
        expect(row < 0 ? undefined : table.nameOf(row)).toBe(wanted)
      }
    })
  )
})

test('grows without losing a name', () => {
  const table = new HostTable()
  for (let i = 0; i < 20_000; i++) table.add(`host${i}.example`, i, false, 0, i)
  for (let i = 0; i < 20_000; i += 7) expect(table.find(`x.host${i}.example`)).toBe(i)
})

test('names are held in one spelling', () => {
  expect(normaliseDomain('.Example.COM.')).toBe('example.com')
  expect(normaliseDomain('bücher.example')).toBe('xn--bcher-kva.example')
  expect(normaliseDomain('a..b')).toBeUndefined()
  expect(normaliseDomain(`${'a.'.repeat(200)}com`)).toBeUndefined()
  expect(normaliseHost('WWW.example.com:8443')).toBe('www.example.com')
  expect(normaliseHost('www.example.com.')).toBe('www.example.com')
})
