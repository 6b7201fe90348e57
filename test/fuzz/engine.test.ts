import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { octetsLike, textLike } from './engine/arbitrary.ts'
import { Campaign } from './engine/campaign.ts'
import { noOutcome, runTarget } from './engine/run-target.ts'
import type { Plan } from './engine/run-target.ts'
import { octetsTarget, textTarget } from './engine/target.ts'
import type { AnyTarget } from './engine/target.ts'

const unwatched = { burst: () => {}, input: () => {} }

async function outcomeOf(target: AnyTarget, plan: Plan) {
  const outcome = noOutcome()
  await runTarget(target, plan, outcome, unwatched)
  return outcome
}

/** Breaks where a long message says four zeros behind a two, as few of those made do. */
const fragile = octetsTarget({
  name: 'fragile',
  decoders: [],
  inputs: octetsLike([Buffer.from('a sound message of 36 octets, no more')]),
  run(input) {
    if (Buffer.from(input).includes('02000000', 'hex')) throw new Error('broken')
  },
})

test('a variant that breaks a target is made smaller, and comes again by seed and path', async () => {
  const { failure } = await outcomeOf(fragile, { seed: 3, bursts: 4000, variants: 50 })
  expect(failure?.input).toBe('02000000')
  expect(String(failure?.error)).toContain('broken')
  const plan = { seed: 3, bursts: 1, variants: 50, path: failure?.path }
  expect((await outcomeOf(fragile, plan)).failure).toMatchObject({ input: failure?.input })
})

test.each(['synchronous', 'asynchronous'])('variants of a seed are the same: %s', async (kind) => {
  const seen: string[] = []
  const run = (text: string): void => void seen.push(text)
  const target = textTarget({
    name: 'same',
    decoders: [],
    inputs: textLike(['from 10.0.0.1 port 2000', '{"a":[1,2]}']),
    run: kind === 'synchronous' ? run : async (text) => run(await Promise.resolve(text)),
  })
  const { inputs, failure } = await outcomeOf(target, { seed: 5, bursts: 20, variants: 30 })
  expect(failure).toBeUndefined()
  expect(inputs).toBeGreaterThan(400)
  const first = new Set(seen.splice(0))
  expect(first.size).toBeGreaterThan(inputs / 2)
  expect(await outcomeOf(target, { seed: 5, bursts: 20, variants: 30 })).toMatchObject({ inputs })
  expect(new Set(seen)).toEqual(first)
})

test('pieces of a campaign add up, those of another seed apart', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-campaign-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const campaign = new Campaign(folder, { seed: 1, variants: 50 })
  expect(campaign.outcomeOf(fragile)).toEqual(noOutcome())
  campaign.keep(fragile, { ...noOutcome(), inputs: 510, cpuMs: 3, slowestMs: 2, slowest: 'ff' })
  const again = new Campaign(folder, { seed: 1, variants: 50 })
  expect(again.outcomeOf(fragile)).toMatchObject({ inputs: 510, cpuMs: 3, slowestMs: 2 })
  const other = new Campaign(folder, { seed: 2, variants: 50 })
  expect(other.outcomeOf(fragile).inputs).toBe(0)
})
