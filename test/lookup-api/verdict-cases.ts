import type { SourceCoverage } from '../../model/coverage.ts'
import { sliceFlags } from '../../model/fields.ts'
import type { Slice } from '../../model/slice.ts'
import type { LookupInput } from '../../lookup-api/query.ts'
import type { Evidence, Verdict } from '../../lookup-api/verdict.ts'
import { at, liveSource, slice } from './world.ts'

const { inferred, continues, startUnknown } = sliceFlags

const gap = { fromUs: at(-5), toUs: at(-4), reason: 'overrun', lost: 3 } as const

/** Evidence, and the verdict that it allows. The question is for noon, exact to the second. */
export interface Case {
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

export const cases: readonly Case[] = [
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
]
