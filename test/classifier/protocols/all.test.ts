import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { protocols } from '../../../classifier/protocols.ts'
import { protocolCategories } from '../../../classifier/protocols/protocol.ts'
import { numbers, randomOctets } from '../noise.ts'
import { classify } from './talk.ts'
import type { Said, Talk } from './talk.ts'

/** Payload whose kind says nothing: no protocol may be found in it. */
const next = numbers(42)
const fillers: readonly (readonly [string, (length: number) => Uint8Array])[] = [
  ['random octets', (length) => randomOctets(next, length)],
  ['zeros', (length) => new Uint8Array(length)],
  ['ones', (length) => new Uint8Array(length).fill(0xff)],
  ['letters', (length) => randomOctets(next, length).map((octet) => 97 + (octet % 26))],
]
const lengths = [1, 2, 3, 4, 5, 7, 8, 12, 16, 20, 28, 32, 48, 64, 100, 148, 200, 512, 1200, 1400]

function talksOf(make: (length: number) => Uint8Array): Talk[] {
  return (['tcp', 'udp'] as const).flatMap((transport) =>
    lengths.map((length): Talk => {
      const said: Said[] = [
        ['client', make(length)],
        ['server', make(length)],
        ['client', make(length)],
      ]
      return { transport, port: 20_000 + (next() % 10_000), said }
    })
  )
}

describe('the map of protocols', () => {
  test('has names and categories that are well formed, each name once', () => {
    const names = protocols.flatMap(({ name, variants }) => [name, ...Object.keys(variants ?? {})])
    expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))).toEqual([])
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
    for (const { category } of protocols) expect(protocolCategories).toContain(category)
  })

  test('names every file of the folder', () => {
    const folder = new URL('../../../classifier/protocols/', import.meta.url)
    const known = new Set(protocols.map(({ name }) => `${name}.ts`))
    const helpers = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !known.has(entry.name))
      .map(({ name }) => name)
    expect(helpers).toEqual(['protocol.ts'])
  })
})

describe.each(fillers)('%s', (_name, make) => {
  test('are no protocol', () => {
    for (let round = 0; round < 20; round++) {
      for (const talk of talksOf(make)) {
        const { evidence } = classify(protocols, talk)
        const found = evidence.filter(({ source }) => source === 'payload')
        expect(found, `${talk.transport} ${talk.said[0]?.[1].length}`).toEqual([])
      }
    }
  })
})
