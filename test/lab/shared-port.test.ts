import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { skipUnless } from '../skip.ts'
import { labMissing, makeLab } from './gateway-lab.ts'
import type { Lab } from './gateway-lab.ts'
import { outgoing, question, toleranceUs } from './truth.ts'
import type { Truth } from './truth.ts'

const localPort = 40_000

describe.skipIf(skipUnless('kernel', labMissing()))('one public port, two hosts', () => {
  let lab: Lab
  const truths: Truth[] = []
  let atUs = 0

  beforeAll(async () => {
    lab = await makeLab({ hosts: 2 })
    await lab.up()
    for (const [index, ip] of ['198.51.100.1', '203.0.113.1'].entries()) {
      const local = { ip: lab.topology.hosts[index]?.ipv4 ?? '', port: localPort }
      const made = await lab.hosts[index]?.open('tcp', local, { ip, port: 80 })
      if (made !== undefined) truths.push(outgoing(`host ${index}`, made))
    }
    // In the past by more than questions look around, and after the beginning of both.
    atUs = Date.now() * 1000 + 2 * toleranceUs
    await sleep(1000)
  })

  afterAll(() => lab.close())

  test('is what Linux gives them', () => {
    expect(truths.map(({ public: seen }) => seen)).toEqual([
      { ip: '192.0.2.1', port: localPort },
      { ip: '192.0.2.1', port: localPort },
    ])
  })

  test('is answered with both, and never with one of them alone', async () => {
    for (const truth of truths) {
      const answer = await lab.lookup(question(truth, atUs))
      expect(answer.verdict).toBe('multiple')
      const inside = answer.candidates.map((candidate) => candidate.inside)
      expect(inside).toHaveLength(2)
      expect(inside).toEqual(expect.arrayContaining(truths.map((one) => one.inside)))
    }
  })

  test('is told apart by the destination', async () => {
    for (const truth of truths) {
      const { ip, port } = truth.remote
      for (const destination of [
        { destination_ip: ip },
        { destination_ip: ip, destination_port: `${port}` },
      ]) {
        const answer = await lab.lookup({ ...question(truth, atUs), ...destination })
        expect(answer.verdict).toBe('unique-after-destination')
        expect(answer.candidates.map((candidate) => candidate.inside)).toEqual([truth.inside])
      }
    }
  })

  test("is nobody's towards a third destination", async () => {
    const [truth] = truths
    if (truth === undefined) throw new Error('There are two.')
    const answer = await lab.lookup({ ...question(truth, atUs), destination_ip: '198.51.100.2' })
    expect([answer.verdict, answer.candidates]).toEqual(['no-match', []])
    expect(answer.near_misses).toHaveLength(2)
  })
})
