import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connection } from '../../cli/demo/endpoint-protocol.ts'
import type { Answer } from '../../lookup-api/contract.ts'
import { programMissing, skipUnless } from '../skip.ts'
import { homeAddress, makeChainedLab } from './chained-lab.ts'
import type { ChainedLab } from './chained-lab.ts'
import { labMissing } from './gateway-lab.ts'
import { outgoing, question } from './truth.ts'

const web = { ip: '198.51.100.1', port: 80 }
const names = { ip: '198.51.100.2', port: 53 }
const missing = labMissing() ?? programMissing('conntrackd')
const nowUs = (): number => Date.now() * 1000

describe.skipIf(skipUnless('kernel', missing))('two gateways in a row, one of them doubled', () => {
  let lab: ChainedLab
  const made: Record<string, Connection> = {}
  let openUs = 0

  const ask = async (name: string, atUs: number): Promise<Answer> => {
    const connection = made[name]
    if (connection === undefined) throw new Error(`There is no connection ${name}.`)
    return await lab.lookup(question(outgoing(name, connection), atUs))
  }

  const steps = ({ candidates }: Answer): unknown[] =>
    (candidates[0]?.links ?? [])
      .filter(({ step }) => step === 'nat')
      .map((link) => [link.class, link.source, link.counts])

  beforeAll(async () => {
    lab = await makeChainedLab()
    const home = { ip: homeAddress, port: 0 }
    const office = { ip: lab.topology.hosts[1]?.ipv4 ?? '', port: 0 }
    made['home TCP'] = await lab.home.open('tcp', home, web)
    made['home UDP'] = await lab.home.open('udp', home, names)
    made['office TCP'] = await lab.office.open('tcp', office, web)
    // conntrackd says nothing of when it has replicated an entry: the other table does.
    for (const { seenAs } of Object.values(made)) {
      while (!(await lab.replicated()).includes(`dport=${seenAs.port}`)) await sleep(100)
    }
    openUs = nowUs() + 200_000
    await sleep(1000)
  }, 240_000)

  afterAll(() => lab.close())

  test('the outer public port names the host at home, by every link', async () => {
    const { outer, backup, inner } = lab.sources
    for (const name of ['home TCP', 'home UDP']) {
      const answer = await ask(name, openUs)
      expect([name, answer.verdict, answer.reasons]).toMatchObject([name, 'unique', {}])
      expect(answer).toMatchObject({ candidate_count: 1, strength: 'exact' })
      expect(answer.coverage.state).toBe('complete')
      expect(answer.candidates[0]).toMatchObject({
        inside: made[name]?.local,
        public: made[name]?.seenAs,
        also: [],
      })
      expect(steps(answer)).toEqual([
        ['exact', expect.stringMatching(`^(${outer}|${backup})$`), true],
        ['exact', expect.stringMatching(`^(${outer}|${backup})$`), false],
        ['exact', inner, true],
      ])
      for (const { why } of answer.candidates[0]?.links ?? []) expect(why).not.toBe('')
    }
  })

  test('a connection that both of the pair have is one candidate', async () => {
    const answer = await ask('office TCP', openUs)
    expect(answer).toMatchObject({ verdict: 'unique', candidate_count: 1, strength: 'exact' })
    expect(answer.candidates[0]).toMatchObject({ inside: made['office TCP']?.local, flows: 1 })
    expect(steps(answer)).toHaveLength(2)
  })

  test('the same once they have ended everywhere', async () => {
    for (const [name, connection] of Object.entries(made)) {
      await (name.startsWith('home') ? lab.home : lab.office).close(connection)
    }
    for (const { ip } of [web, names]) await lab.ended(ip)
    for (const name of ['home TCP', 'home UDP']) {
      const answer = await ask(name, openUs)
      const [candidate] = answer.candidates
      expect([name, answer.verdict, candidate?.inside, candidate?.open]).toEqual([
        name,
        'unique',
        made[name]?.local,
        false,
      ])
      expect(steps(answer)).toHaveLength(3)
    }
  })

  test('without the inner gateway the host is not named, and it is said', async () => {
    await lab.end(lab.innerCollector, 'SIGTERM')
    const home = { ip: homeAddress, port: 0 }
    made.late = await lab.home.open('tcp', home, web)
    while (!(await lab.replicated()).includes(`dport=${made.late.seenAs.port}`)) await sleep(100)
    const atUs = nowUs() + 200_000
    await sleep(1000)
    const answer = await ask('late', atUs)
    expect(answer).toMatchObject({ verdict: 'inferred', strength: 'unknown' })
    expect(steps(answer).at(-1)).toEqual(['unknown', lab.sources.inner, true])
    expect(answer.candidates[0]?.inside.ip).not.toBe(homeAddress)
  })

  test('the primary dies, the backup takes over: one candidate before, between and after', async () => {
    const office = { ip: lab.topology.hosts[1]?.ipv4 ?? '', port: 0 }
    const alive = [
      await lab.office.open('tcp', office, web),
      await lab.office.open('udp', office, names),
    ]
    for (const { seenAs } of alive) {
      while (!(await lab.replicated()).includes(`dport=${seenAs.port}`)) await sleep(100)
    }
    const beforeUs = nowUs() + 200_000
    await sleep(500)
    const betweenUs = (await lab.failOver()) + 200_000
    await sleep(500)
    // The world answers them under the port that they had: the backup has their translation.
    for (const connection of alive)
      expect(await lab.office.talk(connection)).toEqual(connection.seenAs)
    const fresh = await lab.office.open('tcp', office, web)
    const afterUs = nowUs() + 200_000
    await sleep(1000)
    const cases = [
      ...alive.flatMap((connection) =>
        [beforeUs, betweenUs, afterUs].map((atUs) => ({ connection, atUs }))
      ),
      { connection: fresh, atUs: afterUs },
    ]
    for (const { connection, atUs } of cases) {
      const truth = outgoing(connection.protocol, connection)
      const answer = await lab.lookupAtBackup(question(truth, atUs))
      expect(answer).toMatchObject({ candidate_count: 1 })
      expect(answer.candidates[0]).toMatchObject({ inside: connection.local, flows: 1 })
      expect(['unique', 'inferred']).toContain(answer.verdict)
    }
    // Nobody had that port; but the primary is no longer heard, so nobody can know.
    const [{ seenAs }] = alive as [Connection]
    for (const atUs of [betweenUs, afterUs]) {
      const unused = { ...outgoing('unused', fresh), public: { ip: seenAs.ip, port: 9 } }
      const answer = await lab.lookupAtBackup(question(unused, atUs))
      expect([answer.verdict, answer.candidate_count]).toEqual(['no-data', 0])
    }
  })
})
