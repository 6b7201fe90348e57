import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../model/canonical-json.ts'
import { FlowledgerError } from '../../model/errors.ts'
import { sliceFlags } from '../../model/fields.ts'
import { answer, answerDigest } from '../../lookup-api/answer.ts'
import { answerSchema } from '../../lookup-api/contract.ts'
import type { LookupInput } from '../../lookup-api/query.ts'
import { asker, at, liveSource, makeWorld, slice } from './world.ts'

const question: LookupInput = {
  ip: '192.0.2.1',
  port: '2000',
  protocol: 'tcp',
  at: '2026-03-01T12:00:00Z',
  case: 'A-17',
}

async function failure(promise: Promise<unknown>): Promise<FlowledgerError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof FlowledgerError) return error
    throw error
  }
  throw new Error('there was an answer')
}

describe('what an answer holds', () => {
  test('one host, as the contract has it', async () => {
    const world = makeWorld({ slices: [slice(-60, 60, { flowId: 42n })] })
    const said = await answer(question, world.dependencies, asker)
    expect(answerSchema.parse(said)).toEqual(said)
    expect(said).toMatchObject({
      verdict: 'unique',
      audit_id: 1,
      query: {
        at: '2026-03-01T12:00:00.000Z',
        tolerance_seconds: 1,
        zone: 'UTC, in the time itself',
      },
      coverage: { state: 'complete', watermark: '2026-03-01T13:00:00.000Z', gaps: [] },
    })
    expect(said.candidates[0]).toMatchObject({
      rank: 1,
      inside: { ip: '10.0.0.1', port: 1000 },
      public: { ip: '192.0.2.1', port: 2000 },
      remote: { ip: '198.51.100.1', port: 443 },
      protocol: 'tcp',
      start: '2026-03-01T11:59:00.000Z',
      end: '2026-03-01T12:01:00.000Z',
      open: false,
      bytes: 300,
      packets: 5,
      exporter: 'gw',
      nat: 'source',
      identity: { state: 'unknown' },
      flows: 1,
      links: [{ step: 'nat', class: 'exact', record: 'gw/42@2026-03-01T11:59:00.000Z' }],
    })
  })

  test('closed slices and the open one are one connection', async () => {
    const cut = { flowId: 5n, connectionStartUs: at(-7200) }
    const world = makeWorld({
      slices: [slice(-1800, 0, { ...cut, flags: sliceFlags.continues })],
      open: [
        {
          source: 'gw',
          watermarkUs: at(1800),
          closedThroughUs: at(1800),
          cut: false,
          flows: [slice(0, 1800, { ...cut, open: true })],
        },
      ],
    })
    const said = await answer({ ...question, at: '-45m' }, world.dependencies, asker)
    expect(said.verdict).toBe('unique')
    expect(said.candidates[0]).toMatchObject({
      start: '2026-03-01T10:00:00.000Z',
      end: null,
      open: true,
      continues: false,
      bytes: 600,
    })
  })

  test('a flow that ended between the two readings is counted once, and is not open', async () => {
    const open = slice(-60, 1800, { flowId: 6n, open: true })
    const closed = { ...open, open: false, endUs: at(1801) }
    const progress = { source: 'gw', watermarkUs: at(1800), closedThroughUs: 0, cut: false }
    const world = makeWorld({ slices: [closed], open: [{ ...progress, flows: [open] }] })
    const said = await answer({ ...question, at: 'now' }, world.dependencies, asker)
    expect(said.candidates[0]).toMatchObject({ open: false, bytes: 300, flows: 1 })
    expect(said.candidates[0]?.end).toBe('2026-03-01T12:30:01.000Z')
  })

  test('an end that nobody saw says so', async () => {
    const world = makeWorld({
      slices: [
        slice(-60, 10, { flowId: 9n, flags: sliceFlags.continues }),
        slice(10, 60, { flowId: 9n, flags: sliceFlags.inferred }),
      ],
    })
    const said = await answer({ ...question, tolerance: '15s' }, world.dependencies, asker)
    expect(said).toMatchObject({
      verdict: 'unique',
      candidates: [{ end_known: false, end: '2026-03-01T12:01:00.000Z' }],
    })
    expect(said.candidates[0]?.links[0]?.why).toContain('found missing')
  })

  test('a slice that goes on past the window says so', async () => {
    const world = makeWorld({ slices: [slice(-60, 60, { flags: sliceFlags.continues })] })
    const said = await answer(question, world.dependencies, asker)
    expect(said.candidates[0]).toMatchObject({ open: false, continues: true })
  })

  test('counters beyond what JSON numbers hold are digits', async () => {
    const world = makeWorld({ slices: [slice(-60, 60, { octets: 2n ** 60n, reverseOctets: 1n })] })
    const said = await answer(question, world.dependencies, asker)
    expect(said.candidates[0]?.bytes).toBe('1152921504606846977')
  })

  test('further connections of a host are listed, twenty at most', async () => {
    const slices = Array.from({ length: 30 }, (_, i) =>
      slice(-60 - i, 60, { remote: `198.51.100.${i + 1} 443` })
    )
    const said = await answer(question, makeWorld({ slices }).dependencies, asker)
    expect(said.candidates[0]?.flows).toBe(30)
    expect(said.candidates[0]?.also).toHaveLength(20)
    expect(said.candidates[0]?.remote.ip).toBe('198.51.100.30')
  })

  test('more hosts than an answer lists are counted', async () => {
    const slices = Array.from({ length: 250 }, (_, i) =>
      slice(-60, 60, { inside: `10.0.1.${i} 5`, remote: `198.51.100.${i} 443` })
    )
    const said = await answer(question, makeWorld({ slices }).dependencies, asker)
    expect(said.verdict).toBe('multiple')
    expect(said.candidates).toHaveLength(200)
    expect(said.candidate_count).toBe(250)
  })

  test('a mismatching holder is shown apart, with the reason', async () => {
    const world = makeWorld({ slices: [slice(-60, 60)] })
    const asked = { ...question, destination_ip: '203.0.113.5' }
    const said = await answer(asked, world.dependencies, asker)
    expect(said).toMatchObject({ verdict: 'no-match', candidates: [], candidate_count: 0 })
    expect(said.near_misses[0]?.reasons).toContain('The destination does not match.')
  })

  test('gaps are listed with what was lost', async () => {
    const sources = [
      liveSource({
        gaps: [{ fromUs: at(-0.5), toUs: at(0.5), reason: 'overrun', lost: 12 }],
        closedThroughUs: at(0.75),
      }),
    ]
    const said = await answer(question, makeWorld({ sources }).dependencies, asker)
    expect(said.verdict).toBe('no-data')
    expect(said.coverage).toEqual({
      state: 'partial',
      watermark: '2026-03-01T12:00:00.750Z',
      gaps: [
        {
          source: 'gw',
          from: '2026-03-01T11:59:59.500Z',
          to: '2026-03-01T12:00:00.500Z',
          reason: 'overrun',
          lost: 12,
        },
        {
          source: 'gw',
          from: '2026-03-01T12:00:00.750Z',
          to: '2026-03-01T12:00:01.000Z',
          reason: 'out-of-reach',
          lost: null,
        },
      ],
    })
  })
})

describe('the order of things', () => {
  test('progress, open flows, ledger, gaps, and the audit before the answer', async () => {
    const world = makeWorld({ open: [] })
    await answer(question, world.dependencies, asker)
    expect(world.calls).toEqual(['coverage', 'open flows', 'ledger', 'coverage', 'audit'])
  })

  test('progress made between the readings vouches for nothing', async () => {
    const world = makeWorld({ sources: [liveSource({ closedThroughUs: at(-10) })] })
    const ledger = { ...world.dependencies.ledger }
    world.dependencies.ledger.findSlices = async (query) => {
      const found = await ledger.findSlices(query)
      world.slices = [slice(-60, 60)]
      world.sources = [liveSource()]
      return found
    }
    const said = await answer(question, world.dependencies, asker)
    expect(said.verdict).toBe('no-data')
  })

  test('a time in the future is refused, one of a clock that runs ahead is now', async () => {
    const world = makeWorld({ slices: [slice(-60, 3600)] })
    const refused = await failure(
      answer({ ...question, at: '2026-03-01T12:30:10Z' }, world.dependencies, asker)
    )
    expect(refused.code).toBe('usage')
    expect(refused.details['field']).toBe('at')
    const said = await answer(
      { ...question, at: '2026-03-01T12:30:03Z' },
      world.dependencies,
      asker
    )
    expect(said.query.at).toBe('2026-03-01T12:30:00.000Z')
    expect(said.query.to).toBe('2026-03-01T12:30:00.000Z')
  })
})

describe('the audit', () => {
  test('holds the question, the answer and its digest', async () => {
    const world = makeWorld({ slices: [slice(-60, 60, { flowId: 42n })] })
    const said = await answer(question, world.dependencies, asker)
    expect(world.audit).toHaveLength(1)
    expect(world.audit[0]).toMatchObject({
      actor: 'token:desk',
      action: 'lookup',
      detail: {
        given: question,
        verdict: 'unique',
        records: ['gw/42@2026-03-01T11:59:00.000Z'],
        near_misses: [],
        version: '0.1.0',
        answer_sha256: answerDigest(said),
      },
    })
    expect(answerDigest({ ...said, verdict: 'multiple' })).not.toBe(answerDigest(said))
  })

  test('no audit, no answer', async () => {
    const world = makeWorld({ slices: [slice(-60, 60)], auditFails: true })
    const error = await failure(answer(question, world.dependencies, asker))
    expect(error.code).toBe('audit-unwritable')
    expect(error.exitCode).toBe(4)
  })

  test('a question that cannot be read is recorded, cut to length', async () => {
    const world = makeWorld()
    const ip = `010.0.0.1${'x'.repeat(1000)}`
    const error = await failure(answer({ ...question, ip }, world.dependencies, asker))
    expect(error.code).toBe('address-invalid')
    expect(world.audit[0]).toMatchObject({
      actor: 'token:desk',
      action: 'lookup-failed',
      detail: { code: 'address-invalid' },
    })
    expect(JSON.stringify(world.audit[0]).length).toBeLessThan(1000)
    expect(world.calls).toEqual(['audit'])
  })

  test('halves of characters do not hinder it', async () => {
    const world = makeWorld()
    await failure(answer({ ...question, port: '\ud800' }, world.dependencies, asker))
    await failure(answer({ ...question, case: '\udc00' }, world.dependencies, asker))
    await failure(
      answer({ ...question, ip: `${'x'.repeat(199)}\u{1f600}` }, world.dependencies, asker)
    )
    for (const entry of world.audit) expect(canonicalJson(entry)).not.toContain('\\ud')
    expect(world.audit).toHaveLength(3)
  })

  test('a ledger that fails is recorded, and its error comes through', async () => {
    const world = makeWorld()
    world.dependencies.ledger.findSlices = async () => {
      throw new FlowledgerError('database-failed', 'The ledger cannot be read.')
    }
    const error = await failure(answer(question, world.dependencies, asker))
    expect(error.code).toBe('database-failed')
    expect(world.audit[0]).toMatchObject({ action: 'lookup-failed' })
  })
})
