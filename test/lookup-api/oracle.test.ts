import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatWords } from '../../model/address.ts'
import type { Gap } from '../../model/coverage.ts'
import { sliceFlags } from '../../model/fields.ts'
import type { Slice } from '../../model/slice.ts'
import { answer } from '../../lookup-api/answer.ts'
import { asker, at, liveSource, makeWorld, slice } from './world.ts'

/**
 * Random connections against an oracle that knows the truth second by second and shares no code
 * with the answer: for each instant it looks which hosts held the address, and who was seen.
 */

interface Flow {
  readonly host: number
  readonly remote: number
  readonly start: number
  readonly length: number
  /** Seconds after the start at which it was cut into slices. */
  readonly cuts: readonly number[]
  /** True where its last slice is assumed. */
  readonly assumed: boolean
  readonly open: boolean
}

const flow: fc.Arbitrary<Flow> = fc.record({
  host: fc.integer({ min: 1, max: 3 }),
  remote: fc.integer({ min: 1, max: 3 }),
  start: fc.integer({ min: -40, max: 40 }),
  length: fc.integer({ min: 0, max: 40 }),
  cuts: fc.uniqueArray(fc.integer({ min: 1, max: 39 }), { maxLength: 3 }),
  assumed: fc.boolean(),
  open: fc.boolean(),
})

const gaps = fc.array(
  fc.record({ from: fc.integer({ min: -50, max: 50 }), length: fc.integer({ min: 0, max: 5 }) }),
  { maxLength: 2 }
)

const nowSecond = 60

interface Piece {
  readonly from: number
  readonly to: number
  readonly sure: boolean
}

const endOf = (one: Flow): number => (one.open ? nowSecond : one.start + one.length)

function pieces(one: Flow): Piece[] {
  const inner = one.cuts.map((cut) => one.start + cut).filter((cut) => cut < endOf(one))
  const edges = [one.start, ...inner.sort((a, b) => a - b), endOf(one)]
  return edges.slice(1).map((to, i) => ({
    from: edges[i] ?? 0,
    to,
    sure: !(one.assumed && !one.open && i === edges.length - 2),
  }))
}

function slicesOf(one: Flow, index: number): Slice[] {
  return pieces(one).map(({ from, to, sure }, i, all) => {
    const last = i === all.length - 1
    const flags = (last ? 0 : sliceFlags.continues) | (sure ? 0 : sliceFlags.inferred)
    return slice(from, to, {
      inside: `10.0.0.${one.host} 1000`,
      remote: `198.51.100.${one.remote} 443`,
      flowId: BigInt(1000 + index),
      connectionStartUs: at(one.start),
      open: last && one.open,
      flags,
    })
  })
}

/** What the answer must say, found by going through the seconds. */
function oracle(
  flows: readonly Flow[],
  time: number,
  tolerance: number,
  remote: number | undefined,
  holes: readonly { from: number; length: number }[]
): { verdict: string; hosts: Set<number> } {
  const from = time - tolerance
  const to = Math.min(time + tolerance, nowSecond)
  const seen = new Map<number, { matches: boolean; holds: boolean }>()
  for (const one of flows) {
    if (endOf(one) < from || one.start > to) continue
    const matches = remote === undefined || one.remote === remote
    const holds = pieces(one).some((piece) => piece.sure && piece.from <= time && time <= piece.to)
    const before = seen.get(one.host) ?? { matches: false, holds: false }
    seen.set(one.host, {
      matches: before.matches || matches,
      holds: before.holds || (matches && holds),
    })
  }
  const hosts = [...seen].filter(([, { matches }]) => matches)
  const watched = holes.every((hole) => hole.from > to || hole.from + hole.length < from)
  const [first] = hosts
  const verdict = (): string => {
    if (first === undefined) return watched ? 'no-match' : 'no-data'
    if (hosts.length > 1) return 'multiple'
    if (!watched || !first[1].holds) return 'inferred'
    return seen.size > 1 ? 'unique-after-destination' : 'unique'
  }
  return { verdict: verdict(), hosts: new Set(hosts.map(([host]) => host)) }
}

test('every answer is the one that the truth, second by second, allows', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(flow, { maxLength: 8 }),
      fc.integer({ min: -50, max: 58 }),
      fc.integer({ min: 0, max: 6 }),
      fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
      gaps,
      async (flows, time, tolerance, remote, holes) => {
        const all = flows.flatMap(slicesOf)
        const world = makeWorld({ nowUs: at(nowSecond) })
        world.slices = all.filter((one) => !one.open)
        world.sources = [
          liveSource({
            gaps: holes.map(({ from, length }): Gap => ({
              fromUs: at(from),
              toUs: at(from + length),
              reason: 'overrun',
            })),
          }),
        ]
        const progress = {
          source: 'gw',
          watermarkUs: at(nowSecond),
          closedThroughUs: 0,
          cut: false,
        }
        world.open = [{ ...progress, flows: all.filter((one) => one.open) }]
        const said = await answer(
          {
            ip: '192.0.2.1',
            port: '2000',
            at: String(at(time)),
            tolerance: String(tolerance),
            ...(remote === undefined ? {} : { destination_ip: `198.51.100.${remote}` }),
          },
          world.dependencies,
          asker
        )
        const truth = oracle(flows, time, tolerance, remote, holes)
        expect(said.verdict).toBe(truth.verdict)
        const named = new Set(said.candidates.map(({ inside }) => Number(inside.ip.split('.')[3])))
        expect(named).toEqual(truth.hosts)
        expect(said.candidate_count).toBe(truth.hosts.size)
      }
    ),
    { numRuns: 500 }
  )
})

test('a remote or inside address in the answer is one that a record has', async () => {
  const world = makeWorld({ slices: [slice(-60, 60)] })
  const said = await answer(
    { ip: '192.0.2.1', at: '2026-03-01T12:00:00Z' },
    world.dependencies,
    asker
  )
  expect(said.candidates.map(({ inside }) => inside)).toEqual([{ ip: '10.0.0.1', port: 1000 }])
  expect(formatWords(world.slices[0]!.remote.ip)).toBe(said.candidates[0]?.remote.ip)
})
