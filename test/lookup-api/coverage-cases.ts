import { parsePrefix } from '../../model/address.ts'
import { sliceFlags } from '../../model/fields.ts'
import type { OwnNetworks } from '../../lookup-api/dependencies.ts'
import type { Case } from './verdict-cases.ts'
import { at, liveSource, slice } from './world.ts'

const { inferred } = sliceFlags

const gap = { fromUs: at(-5), toUs: at(-4), reason: 'overrun', lost: 3 } as const

const other = { inside: '10.0.0.2 1000' }
const first = '10.0.0.1'
const both = ['10.0.0.1', '10.0.0.2']

const prefix = (text: string) => parsePrefix(text)!
const ours = (text: string, source?: string): OwnNetworks => ({
  inside: [],
  public: [{ prefix: prefix(text), ...(source === undefined ? {} : { source }) }],
})

/** What coverage, several sources, limits and the configuration do to a verdict. */
export const coverageCases: readonly Case[] = [
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
  {
    name: 'nobody, the source began within the window',
    slices: [],
    sources: [liveSource({ watchedFromUs: at(0.5) })],
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
