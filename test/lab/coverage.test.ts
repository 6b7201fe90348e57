import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '../../lookup-api/contract.ts'
import { formatInstant } from '../../model/time.ts'
import { skipUnless } from '../skip.ts'
import { labMissing, makeLab } from './gateway-lab.ts'
import type { Lab } from './gateway-lab.ts'
import { outgoing, question } from './truth.ts'
import type { Truth } from './truth.ts'

const nowUs = (): number => Date.now() * 1000

describe.skipIf(skipUnless('kernel', labMissing()))('a time when nobody watched', () => {
  let lab: Lab
  let quietUs = 0
  let downUs = 0
  let meanwhile: Truth
  let upAgainUs = 0

  /** A port that nobody ever has here. */
  const askUnused = (atUs: number): Promise<Answer> =>
    lab.lookup({
      ip: '192.0.2.1',
      port: '9',
      protocol: 'tcp',
      at: formatInstant(atUs),
      tolerance: '50ms',
    })

  beforeAll(async () => {
    lab = await makeLab({ hosts: 1 })
    const program = await lab.up()
    await sleep(1000)
    quietUs = nowUs()
    await sleep(500)
    await lab.end(program, 'SIGTERM')
    await sleep(500)
    const local = { ip: lab.topology.hosts[0]?.ipv4 ?? '', port: 0 }
    const made = await lab.hosts[0]?.open('tcp', local, { ip: '198.51.100.1', port: 80 })
    if (made === undefined) throw new Error('The lab has a host.')
    meanwhile = outgoing('made while down', made)
    await sleep(500)
    downUs = nowUs()
    await sleep(500)
    await lab.up()
    await sleep(1000)
    upAgainUs = nowUs()
    await sleep(500)
  }, 240_000)

  afterAll(() => lab.close())

  test('before and after it, a quiet time proves that nobody had the port', async () => {
    for (const atUs of [quietUs, upAgainUs]) {
      const { verdict, candidates, coverage } = await askUnused(atUs)
      expect([verdict, candidates, coverage.state]).toEqual(['no-match', [], 'complete'])
    }
  })

  test('in it, nothing is known, and the gap is shown', async () => {
    const { verdict, candidates, coverage } = await askUnused(downUs)
    expect([verdict, candidates]).toEqual(['no-data', []])
    expect(coverage.state).not.toBe('complete')
    const at = formatInstant(downUs)
    const meets = coverage.gaps.filter(({ from, to }) => from <= at && at <= to)
    expect(meets.map(({ reason }) => reason)).toContain('down')
  })

  test('who came meanwhile is known from the first sighting on', async () => {
    const later = await lab.lookup(question(meanwhile, upAgainUs))
    expect([later.verdict, later.candidates[0]?.inside]).toEqual(['unique', meanwhile.inside])
    const unwatched = await lab.lookup(question(meanwhile, downUs))
    expect(['unique', 'no-match', 'conflict']).not.toContain(unwatched.verdict)
    for (const { inside } of unwatched.candidates) expect(inside).toEqual(meanwhile.inside)
  })
})
