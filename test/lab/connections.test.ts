import { setTimeout as sleep } from 'node:timers/promises'
import type { ChildProcess } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connection } from '../../cli/demo/endpoint-protocol.ts'
import type { Endpoint } from '../../cli/demo/endpoint-control.ts'
import type { Answer } from '../../lookup-api/contract.ts'
import { skipUnless } from '../skip.ts'
import { startConntrackLog } from './conntrack-log.ts'
import type { ConntrackLog, LoggedEvent } from './conntrack-log.ts'
import { labMissing, makeLab } from './gateway-lab.ts'
import type { Lab } from './gateway-lab.ts'
import { eventsOf, incoming, outgoing, question } from './truth.ts'
import type { Truth } from './truth.ts'

/** A connection of the test, and how to keep it open and to end it where that can be done. */
interface Made {
  readonly truth: Truth
  readonly talk?: () => Promise<unknown>
  readonly close?: () => Promise<unknown>
}

const nowUs = (): number => Date.now() * 1000
const web = { ip: '198.51.100.1', port: 80 }
const names = { ip: '198.51.100.2', port: 53 }
const pingId = 4321

function closing(endpoint: Endpoint, made: Connection, reset = false): () => Promise<unknown> {
  return () => endpoint.close(made, reset)
}

/** One connection of every kind: the list that the answers are held against. */
async function makeAll(lab: Lab, log: ConntrackLog): Promise<Made[]> {
  const { topology, outside } = lab
  const [a, b] = lab.hosts
  const [home, office, server] = topology.hosts
  if (!a || !b || !home || !office || !server) throw new Error('The lab has three hosts.')
  const made: Made[] = []
  const out = async (
    name: string,
    endpoint: Endpoint,
    ...[protocol, local, remote]: Parameters<Endpoint['open']>
  ): Promise<void> => {
    const connection = await endpoint.open(protocol, local, remote)
    const close = closing(endpoint, connection, name.includes('reset'))
    const talk = () => endpoint.talk(connection)
    made.push({ truth: outgoing(name, connection), talk, close })
  }
  await out('TCP', a, 'tcp', { ip: home.ipv4, port: 0 }, web)
  await out('TCP of another host', b, 'tcp', { ip: office.ipv4, port: 0 }, web)
  await out('TCP that ends by reset', a, 'tcp', { ip: home.ipv4, port: 0 }, web)
  await out('UDP', b, 'udp', { ip: office.ipv4, port: 0 }, names)
  const web6 = { ip: topology.remotes.ipv6[0] ?? '', port: 80 }
  await out('TCP over IPv6', a, 'tcp', { ip: home.ipv6, port: 0 }, web6)
  await out('UDP over IPv6', b, 'udp', { ip: office.ipv6, port: 0 }, { ...web6, port: 53 })
  for (const [protocol, publicPort, port] of [
    ['tcp', 8022, 22],
    ['udp', 5353, 53],
  ] as const) {
    const from = { ip: '203.0.113.1', port: 0 }
    const made1 = await outside.open(protocol, from, { ip: '192.0.2.1', port: publicPort })
    const truth = incoming(`${protocol} port forward`, made1, { ip: server.ipv4, port })
    made.push({ truth, talk: () => outside.talk(made1), close: closing(outside, made1) })
  }
  made.push({ truth: await ping(lab, log, '198.51.100.1') })
  made.push({ truth: await ping(lab, log, topology.remotes.ipv6[1] ?? '') })
  return made
}

/** An echo request with a known identifier; what it became outside is conntrack's to say. */
async function ping({ topology }: Lab, log: ConntrackLog, remote: string): Promise<Truth> {
  const host = topology.hosts[0]
  const startUs = nowUs()
  const argv = ['ping', '-c', '1', '-e', String(pingId), remote]
  const { code } = await topology.run(host?.namespace ?? '', argv)
  expect(code).toBe(0)
  const establishedUs = nowUs() + 1000
  const event = await seen(
    log,
    (one) => one.original.dst === remote && one.original.sport === pingId
  )
  return {
    name: `${event.protocol} echo`,
    protocol: event.protocol,
    inside: { ip: event.original.src, port: pingId },
    public: { ip: event.reply.dst, port: event.reply.sport },
    remote: { ip: remote, port: 0 },
    startUs,
    establishedUs,
  }
}

async function seen(
  log: ConntrackLog,
  matches: (event: LoggedEvent) => boolean
): Promise<LoggedEvent> {
  for (;;) {
    const event = log.events.find((one) => matches(one))
    if (event !== undefined) return event
    await sleep(20)
  }
}

/** The one host that was answered. */
function soleInside(answer: Answer): unknown {
  expect(answer.candidates).toHaveLength(1)
  return answer.candidates[0]?.inside
}

describe.skipIf(skipUnless('kernel', labMissing()))('every kind of connection', () => {
  let lab: Lab
  let log: ConntrackLog
  let program: ChildProcess
  let made: Made[] = []
  let before: Truth
  let upUs = 0
  let middleUs = 0
  let endUs = 0

  /** Asks about each connection at its own instant; while they are open, the newest first. */
  async function ask(
    at: (truth: Truth) => number,
    open?: boolean
  ): Promise<(readonly [Truth, Answer])[]> {
    const answers: (readonly [Truth, Answer])[] = []
    for (const { truth, talk } of made.toReversed()) {
      // Without a word it is over after ten seconds, which questions may take on a busy machine.
      if (open === true) await talk?.()
      answers.push([truth, await lab.lookup(question(truth, at(truth)))])
    }
    return answers
  }

  /** The end of a connection as conntrack printed it. */
  const released = (truth: Truth): Promise<LoggedEvent> =>
    seen(log, (event) => event.kind === 'DESTROY' && eventsOf(truth, [event]).length > 0)

  async function expectRight(at: (truth: Truth) => number, open?: boolean): Promise<void> {
    for (const [truth, answer] of await ask(at, open)) {
      expect({ name: truth.name, verdict: answer.verdict, reasons: answer.reasons }).toMatchObject({
        verdict: 'unique',
      })
      expect([truth.name, soleInside(answer)]).toEqual([truth.name, truth.inside])
      if (open !== undefined)
        expect([truth.name, answer.candidates[0]?.open]).toEqual([truth.name, open])
    }
  }

  async function expectNobody(at: (truth: Truth) => number): Promise<void> {
    for (const [truth, answer] of await ask(at)) {
      expect([truth.name, answer.verdict, answer.candidates]).toEqual([truth.name, 'no-match', []])
    }
  }

  beforeAll(async () => {
    lab = await makeLab({
      hosts: 3,
      forwards: [
        { protocol: 'tcp', publicPort: 8022, host: 2, port: 22 },
        { protocol: 'udp', publicPort: 5353, host: 2, port: 53 },
      ],
    })
    const server = lab.topology.hosts[2]
    await lab.hosts[2]?.listen('tcp', { ip: server?.ipv4 ?? '', port: 22 })
    await lab.hosts[2]?.listen('udp', { ip: server?.ipv4 ?? '', port: 53 })
    const home = lab.topology.hosts[0]
    const early = await lab.hosts[0]?.open('tcp', { ip: home?.ipv4 ?? '', port: 0 }, web)
    if (early === undefined) throw new Error('The lab has hosts.')
    before = outgoing('TCP from before', early)
    await sleep(500)
    log = await startConntrackLog(lab.topology)
    program = await lab.up()
    upUs = nowUs()
    await sleep(2000)
  })

  afterAll(async () => {
    await lab.close()
  })

  test('is answered while it is open', async () => {
    made = await makeAll(lab, log)
    await sleep(500)
    middleUs = nowUs()
    await expectRight(() => nowUs(), true)
  })

  test('is answered right after it was closed', async () => {
    endUs = nowUs()
    for (const { close } of made) await close?.()
    await expectRight(() => middleUs)
  })

  test('is answered later: at its start, in the middle and at its end', async () => {
    await lab.expire()
    await expectRight(({ establishedUs }) => establishedUs, false)
    await expectRight(() => middleUs, false)
    const closable = new Set(made.filter(({ close }) => close).map(({ truth }) => truth))
    await expectRight((truth) => (closable.has(truth) ? endUs : truth.establishedUs), false)
  })

  test('has the start that the hosts know and ends when conntrack saw it end', async () => {
    for (const [truth, answer] of await ask(() => middleUs)) {
      const { start = '', end } = answer.candidates[0] ?? {}
      const startUs = Date.parse(start) * 1000
      const { atUs: releasedUs } = await released(truth)
      expect(startUs).toBeGreaterThanOrEqual(truth.startUs)
      expect(startUs).toBeLessThanOrEqual(truth.establishedUs)
      expect(Date.parse(end ?? '') * 1000).toBeLessThanOrEqual(releasedUs)
      expect(Date.parse(end ?? '') * 1000).toBeGreaterThanOrEqual(middleUs - 1000)
    }
  })

  test("is nobody's before it began and after its mapping was released", async () => {
    const ends = new Map<Truth, number>()
    for (const { truth } of made) ends.set(truth, (await released(truth)).atUs)
    await sleep(1500)
    await expectNobody(({ startUs }) => startUs - 1e6)
    await expectNobody((truth) => (ends.get(truth) ?? 0) + 1e6)
  })

  test('is answered where it was there before anybody watched', async () => {
    for (const atUs of [upUs, middleUs, nowUs()]) {
      const answer = await lab.lookup(question(before, atUs))
      expect([answer.verdict, soleInside(answer)]).toEqual(['unique', before.inside])
      expect(answer.candidates[0]?.open).toBe(true)
    }
    const unwatched = await lab.lookup(question(before, before.startUs - 10e6))
    expect([unwatched.verdict, unwatched.candidates]).toEqual(['no-data', []])
  })

  test('agrees with conntrack -E on every other connection it printed', async () => {
    const ours = log.events.filter(
      ({ kind, atUs, original }) =>
        kind === 'NEW' && atUs > upUs && original.src.startsWith('10.77.')
    )
    expect(ours.length).toBeGreaterThanOrEqual(5)
    for (const { original, reply, protocol, atUs } of ours) {
      const icmp = protocol === 'icmp'
      const answer = await lab.lookup({
        ip: reply.dst,
        port: String(icmp ? reply.sport : reply.dport),
        protocol,
        at: String(atUs + 1000),
        tolerance: '1ms',
      })
      expect([answer.verdict, soleInside(answer)]).toEqual([
        'unique',
        { ip: original.src, port: original.sport },
      ])
    }
  })

  test('stops in order: what is open is there after the next start', async () => {
    await lab.end(program, 'SIGTERM')
    expect(program.exitCode).toBe(0)
    program = await lab.up()
    await sleep(1000)
    const answer = await lab.lookup(question(before, nowUs()))
    expect([answer.verdict, soleInside(answer)]).toEqual(['unique', before.inside])
  })
})
