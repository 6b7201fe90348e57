import { describe, expect, test } from 'vitest'
import { formatWords, parsePrefix } from '../../model/address.ts'
import type { SourceCoverage } from '../../model/coverage.ts'
import { sliceFlags } from '../../model/fields.ts'
import type { Slice } from '../../model/slice.ts'
import type { OwnNetworks } from '../../lookup-api/dependencies.ts'
import { readLookup } from '../../lookup-api/query.ts'
import type { LookupInput } from '../../lookup-api/query.ts'
import { judge } from '../../lookup-api/verdict.ts'
import type { Evidence, Verdict } from '../../lookup-api/verdict.ts'
import { at, liveSource, slice } from './world.ts'

const { inferred, continues, startUnknown } = sliceFlags

const gap = { fromUs: at(-5), toUs: at(-4), reason: 'overrun', lost: 3 } as const

interface Case {
  readonly name: string
  readonly slices: readonly Slice[]
  readonly ask?: LookupInput
  readonly sources?: readonly SourceCoverage[]
  readonly parts?: Partial<Evidence>
  readonly verdict: Verdict
  /** Inside addresses of the candidates, in their order. */
  readonly hosts?: readonly string[]
  readonly near?: readonly string[]
}

const other = { inside: '10.0.0.2 1000' }
const elsewhere = { ...other, remote: '203.0.113.9 80' }
const toFirst: LookupInput = { destination_ip: '198.51.100.1' }
const first = '10.0.0.1'
const both = ['10.0.0.1', '10.0.0.2']

const prefix = (text: string) => parsePrefix(text)!
const ours = (text: string, source?: string): OwnNetworks => ({
  inside: [],
  public: [{ prefix: prefix(text), ...(source === undefined ? {} : { source }) }],
})

const cases: Case[] = [
  { name: 'nobody, and all was watched', slices: [], verdict: 'no-match' },
  {
    name: 'one that holds the time',
    slices: [slice(-60, 60)],
    verdict: 'unique',
    hosts: [first],
  },
  {
    name: 'one that held it to the very microsecond',
    slices: [slice(-60, 0)],
    verdict: 'unique',
    hosts: [first],
  },
  {
    name: 'one that ended before the window',
    slices: [slice(-60, -1.000001)],
    verdict: 'no-match',
  },
  {
    name: 'one that ended within the window',
    slices: [slice(-60, -0.5)],
    verdict: 'inferred',
    hosts: [first],
  },
  {
    name: 'one that began within the window',
    slices: [slice(0.5, 60)],
    verdict: 'inferred',
    hosts: [first],
  },
  {
    name: 'a wider tolerance reaches it',
    slices: [slice(-60, -20)],
    ask: { tolerance: '30s' },
    verdict: 'inferred',
    hosts: [first],
  },
  {
    name: 'another port, another address, another protocol',
    slices: [
      slice(-60, 60, { public: '192.0.2.1 2001' }),
      slice(-60, 60, { public: '192.0.2.2 2000' }),
      slice(-60, 60, { protocol: 17 }),
    ],
    verdict: 'no-match',
  },
  {
    name: 'one host with two connections',
    slices: [slice(-60, 60), slice(-30, 90, { remote: '203.0.113.9 80' })],
    verdict: 'unique',
    hosts: [first],
  },
  {
    name: 'two hosts on one port towards two destinations',
    slices: [slice(-60, 60), slice(-50, 50, elsewhere)],
    verdict: 'multiple',
    hosts: both,
  },
  {
    name: 'two hosts, one left by the destination',
    slices: [slice(-60, 60), slice(-50, 50, elsewhere)],
    ask: toFirst,
    verdict: 'unique-after-destination',
    hosts: [first],
    near: ['10.0.0.2'],
  },
  {
    name: 'two hosts, one left by the port of the destination',
    slices: [slice(-60, 60), slice(-50, 50, elsewhere)],
    ask: { destination_port: '80' },
    verdict: 'unique-after-destination',
    hosts: ['10.0.0.2'],
    near: [first],
  },
  {
    name: 'one host that matches the destination anyway',
    slices: [slice(-60, 60)],
    ask: toFirst,
    verdict: 'unique',
    hosts: [first],
  },
  {
    name: 'one host, towards another destination: not accused',
    slices: [slice(-60, 60)],
    ask: { destination_ip: '203.0.113.77' },
    verdict: 'no-match',
    near: [first],
  },
  {
    name: 'one host, right address, wrong port of the destination: not accused',
    slices: [slice(-60, 60)],
    ask: { destination_ip: '198.51.100.1', destination_port: '25' },
    verdict: 'no-match',
    near: [first],
  },
  {
    name: 'one host, towards another destination, and a gap',
    slices: [slice(-60, 60)],
    ask: { destination_ip: '203.0.113.77', tolerance: '10s' },
    sources: [liveSource({ gaps: [gap] })],
    verdict: 'no-data',
    near: [first],
  },
  {
    name: 'the sure hold is towards another destination, the match is at the edge',
    slices: [slice(-60, 60, elsewhere), slice(-60, -0.5)],
    ask: toFirst,
    verdict: 'inferred',
    hosts: [first],
    near: ['10.0.0.2'],
  },
  {
    name: 'the port was reused within the window, neither holds the time',
    slices: [slice(-60, -0.5), slice(0.5, 60, other)],
    verdict: 'multiple',
    hosts: both,
  },
  {
    name: 'the port was reused within the window: who holds the time comes first',
    slices: [slice(-60, -0.5), slice(-0.2, 60, other)],
    verdict: 'multiple',
    hosts: ['10.0.0.2', first],
  },
  {
    name: 'same inside address in two zones',
    slices: [slice(-60, 60, { zone: 1 }), slice(-60, 60, { zone: 2 })],
    verdict: 'multiple',
    hosts: [first, first],
  },
  {
    name: 'an assumed slice holds the time',
    slices: [slice(-60, 60, { flags: inferred })],
    verdict: 'inferred',
    hosts: [first],
  },
  {
    name: 'a sure slice holds the time, an assumed one follows',
    slices: [
      slice(-60, 10, { flowId: 7n, flags: continues }),
      slice(10, 60, { flowId: 7n, flags: inferred }),
    ],
    verdict: 'unique',
    hosts: [first],
  },
  {
    name: 'a sure slice ended, the assumed one after it holds the time',
    slices: [
      slice(-60, -10, { flowId: 8n, flags: continues }),
      slice(-10, 60, { flowId: 8n, flags: inferred }),
    ],
    verdict: 'inferred',
    hosts: [first],
  },
  {
    name: 'start unknown, sure since the first sighting',
    slices: [slice(-60, 60, { flags: startUnknown })],
    verdict: 'unique',
    hosts: [first],
  },
  {
    name: 'cut exactly at the time asked for',
    slices: [
      slice(-60, 0, { flowId: 9n, flags: continues }),
      slice(0, 60, { flowId: 9n, connectionStartUs: at(-60) }),
    ],
    verdict: 'unique',
    hosts: [first],
  },
  {
    name: 'one host and a gap in the window',
    slices: [slice(-60, 60)],
    ask: { tolerance: '10s' },
    sources: [liveSource({ gaps: [gap] })],
    verdict: 'inferred',
    hosts: [first],
  },
  {
    name: 'one host and a gap outside the window',
    slices: [slice(-60, 60)],
    sources: [liveSource({ gaps: [gap] })],
    verdict: 'unique',
    hosts: [first],
  },
  {
    name: 'nobody and a gap',
    slices: [],
    ask: { tolerance: '10s' },
    sources: [liveSource({ gaps: [gap] })],
    verdict: 'no-data',
  },
  {
    name: 'nobody, past the watermark',
    slices: [],
    sources: [liveSource({ closedThroughUs: at(0.5) })],
    verdict: 'no-data',
  },
  {
    name: 'nobody, the collector vouches for more than the ledger',
    slices: [],
    sources: [liveSource({ closedThroughUs: at(0.5) })],
    parts: { reached: new Map([['gw', { watermarkUs: at(60), closedThroughUs: at(0.5) }]]) },
    verdict: 'no-match',
  },
  {
    name: 'nobody, before the source began',
    slices: [],
    sources: [liveSource({ watchedFromUs: at(600) })],
    verdict: 'no-data',
  },
  { name: 'nobody, and no source at all', slices: [], sources: [], verdict: 'no-data' },
  {
    name: 'one host, known from an import alone',
    slices: [slice(-60, 60, { source: 'file' })],
    sources: [liveSource({ source: 'file', kind: 'import', watchedFromUs: undefined })],
    verdict: 'inferred',
    hosts: [first],
  },
  {
    name: 'a second gateway did not watch',
    slices: [slice(-60, 60)],
    sources: [liveSource(), liveSource({ source: 'gw2', closedThroughUs: at(-60) })],
    verdict: 'inferred',
    hosts: [first],
  },
  {
    name: 'a second gateway did not watch, but sees other addresses',
    slices: [slice(-60, 60)],
    sources: [liveSource(), liveSource({ source: 'gw2', closedThroughUs: at(-60) })],
    parts: { networks: ours('192.0.2.0/24', 'gw') },
    verdict: 'unique',
    hosts: [first],
  },
  {
    name: 'the source that sees the address is not known',
    slices: [],
    parts: { networks: ours('192.0.2.0/24', 'gw9') },
    verdict: 'no-data',
  },
  {
    name: 'a second gateway began later',
    slices: [],
    sources: [liveSource(), liveSource({ source: 'gw2', watchedFromUs: at(600) })],
    verdict: 'no-match',
  },
  {
    name: 'a collector answers that the ledger does not know',
    slices: [],
    parts: {
      reached: new Map(
        ['gw', 'new'].map((name) => [name, { watermarkUs: at(9), closedThroughUs: 0 }])
      ),
    },
    verdict: 'no-data',
  },
  {
    name: 'two sources see the same host',
    slices: [slice(-60, 60), slice(-60, 61, { source: 'copy' })],
    verdict: 'unique',
    hosts: [first],
  },
  {
    name: 'two sources give one connection to two hosts',
    slices: [slice(-60, 60), slice(-60, 60, { ...other, source: 'other' })],
    verdict: 'conflict',
    hosts: both,
  },
  {
    name: 'two sources, one of them unsure of the time',
    slices: [slice(-60, 60), slice(-60, 60, { ...other, source: 'copy', flags: inferred })],
    verdict: 'multiple',
    hosts: both,
  },
  {
    name: 'rows were cut: one host is not certain',
    slices: [slice(-60, 60)],
    parts: { cut: true },
    verdict: 'inferred',
    hosts: [first],
  },
  {
    name: 'rows were cut: nobody is not proven',
    slices: [],
    parts: { cut: true },
    verdict: 'no-data',
  },
  {
    name: 'not our address',
    slices: [],
    parts: { networks: ours('203.0.113.0/24') },
    verdict: 'no-data',
  },
  {
    name: 'not our address, although there are records',
    slices: [slice(-60, 60)],
    parts: { networks: ours('203.0.113.0/24') },
    verdict: 'no-data',
    near: [first],
  },
  {
    name: 'only inside networks are configured: nothing is claimed of public ones',
    slices: [],
    parts: { networks: { inside: [prefix('10.0.0.0/8')], public: [] } },
    verdict: 'no-match',
  },
  {
    name: 'the skew of the source reaches into the window',
    slices: [slice(-60, -3)],
    sources: [liveSource({ skewUs: 2_500_000 })],
    verdict: 'inferred',
    hosts: [first],
  },
  {
    name: 'the skew of the source makes the time itself unsure',
    slices: [slice(-60, 1)],
    sources: [liveSource({ skewUs: 2_500_000 })],
    verdict: 'inferred',
    hosts: [first],
  },
  {
    name: 'the skew of the source does not matter in the middle',
    slices: [slice(-60, 60)],
    sources: [liveSource({ skewUs: 2_500_000 })],
    verdict: 'unique',
    hosts: [first],
  },
]

const ask = (input: LookupInput = {}): LookupInput => ({
  ip: '192.0.2.1',
  port: '2000',
  protocol: 'tcp',
  at: '2026-03-01T12:00:00Z',
  ...input,
})

describe('judge', () => {
  test.each(cases)(
    '$name: $verdict',
    ({ slices, sources, parts, verdict, hosts, near, ...rest }) => {
      const judgement = judge({
        query: readLookup(ask(rest.ask), at(1800)),
        slices,
        cut: false,
        sources: sources ?? [liveSource()],
        reached: undefined,
        ...parts,
      })
      const names = (list: typeof judgement.hosts): string[] =>
        list.map(({ ip }) => formatWords(ip))
      expect(judgement.verdict).toBe(verdict)
      expect(names(judgement.hosts)).toEqual(hosts ?? [])
      expect(names(judgement.nearMisses)).toEqual(near ?? [])
      expect(judgement.reasons.length).toBeGreaterThan(0)
    }
  )
})
