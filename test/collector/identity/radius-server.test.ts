import { spawn } from 'node:child_process'
import { afterEach, describe, expect, test } from 'vitest'
import type { RadiusClient } from '../../../collector/identity/radius-clients.ts'
import { RadiusServer } from '../../../collector/identity/radius-server.ts'
import { parsePrefix } from '../../../model/address.ts'
import { FlowledgerError } from '../../../model/errors.ts'
import type { IdentityEvent } from '../../../model/identity.ts'
import { makeGate } from '../../lookup-api/gate.ts'
import { programMissing, skipUnless } from '../../skip.ts'
import { until } from '../../until.ts'
import { attribute, buildPacket, isAnswerTo, openSender } from './radius-sender.ts'

const secret = 'a secret of ours'

function client(prefix: string, key = secret): RadiusClient {
  const parsed = parsePrefix(prefix)
  if (parsed === undefined) throw new Error(prefix)
  return { name: `nas in ${prefix}`, prefix: parsed, secret: Buffer.from(key) }
}

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

/** A server, and what it has stored. `fails` and `held` say what the next writes do. */
async function start(listen = '127.0.0.1:0', clients = [client('127.0.0.1'), client('::1')]) {
  const stored: IdentityEvent[] = []
  const world = { stored, fails: false, writes: 0, held: Promise.resolve() }
  const server = await RadiusServer.start({
    listen,
    clients,
    async store(events) {
      world.writes++
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
      await world.held
      if (world.fails) throw new FlowledgerError('database-unreachable', 'It is away.')
      stored.push(...events)
    },
  })
  closing.push(() => server.close())
  const port = Number(/\d+$/.exec(server.address)?.[0])
  const sender = await openSender(port, listen.startsWith('[') ? 'udp6' : 'udp4')
  closing.push(() => sender.close())
  return { server, world, sender, port }
}

const v4 = (...octets: number[]): Buffer => attribute(8, Buffer.from(octets))

function request(status: number, more: readonly Buffer[] = [], identifier = 1): Buffer {
  const attributes = [
    attribute(40, status),
    attribute(44, 'session-1'),
    attribute(1, 'bob'),
    attribute(4, Buffer.from([192, 0, 2, 9])),
    attribute(31, '02-00-00-AA-BB-01'),
    ...more,
  ]
  return buildPacket({ secret, identifier, attributes })
}

describe('accounting', () => {
  test('a packet is recorded, then answered', async () => {
    const { sender, world } = await start()
    const packet = request(1, [v4(100, 64, 0, 5), attribute(123, prefix56)])
    await sender.send(packet)
    await until(() => sender.answers.length > 0)
    expect(isAnswerTo(sender.answers[0] ?? Buffer.alloc(0), packet, secret)).toBe(true)
    expect(world.stored).toMatchObject([
      { what: 'start', user: 'bob', nas: '192.0.2.9', device: { mac: '02:00:00:aa:bb:01' } },
      { what: 'start', session: 'session-1', prefix: { length: 56 } },
    ])
  })

  test('over IPv6', async () => {
    const { sender, world } = await start('[::1]:0')
    await sender.send(request(3, [v4(100, 64, 0, 5)]))
    await until(() => sender.answers.length > 0)
    expect(world.stored).toMatchObject([{ what: 'alive' }])
  })

  test('what does not get into the store gets no answer, and is new when it comes again', async () => {
    const { sender, world, server } = await start()
    world.fails = true
    await sender.send(request(1))
    await until(() => server.refused['not-stored'] === 1)
    expect(sender.answers).toEqual([])
    world.fails = false
    await sender.send(request(1))
    await until(() => sender.answers.length === 1)
    expect(world.stored).toHaveLength(1)
  })

  test('a packet that is sent again is answered again, and recorded once', async () => {
    const { sender, world, server } = await start()
    for (let times = 0; times < 5; times++) await sender.send(request(1))
    await until(() => server.counters.requests === 5 && sender.answers.length > 0)
    await sender.send(request(1))
    await until(() => server.counters.duplicates === 5)
    await sender.send(request(2, [], 2))
    await until(() => sender.answers.some((answer) => answer[1] === 2))
    expect(world.stored.map(({ what }) => what)).toEqual(['start', 'end'])
    expect(new Set(sender.answers.map((answer) => answer.toString('hex'))).size).toBe(2)
  })

  test('a delay is taken off, and On ends what the NAS held', async () => {
    const { sender, world } = await start()
    const before = Date.now() * 1000
    await sender.send(request(2, [attribute(41, 3600)]))
    await sender.send(request(7, [], 2))
    await until(() => sender.answers.length === 2)
    const [stop, on] = world.stored
    expect(stop).toMatchObject({ what: 'end' })
    expect((stop?.atUs ?? 0) - before).toBeLessThan(-3590e6)
    expect((stop?.atUs ?? 0) - before).toBeGreaterThan(-3610e6)
    expect(on).toMatchObject({ what: 'restart', nas: '192.0.2.9' })
  })

  test('packets that come together are written together', async () => {
    const { sender, world } = await start()
    await Promise.all(
      Array.from({ length: 200 }, (_, i) => sender.send(request(1, [v4(100, 64, 0, i)], i)))
    )
    await until(() => sender.answers.length === 200)
    expect(world.stored).toHaveLength(200)
    expect(world.writes).toBeLessThan(100)
  })

  test('one that says nothing of an address is answered: it need not come again', async () => {
    const { sender, world, server } = await start()
    await sender.send(buildPacket({ secret, attributes: [attribute(40, 1)] }))
    await until(() => sender.answers.length === 1)
    expect(world.stored).toEqual([])
    expect(server.unknown).toEqual({ 'session-missing': 1 })
  })

  test('Status-Server is answered', async () => {
    const { sender, server } = await start()
    const packet = buildPacket({ secret, code: 12, identifier: 9, signed: true })
    await sender.send(packet)
    await until(() => sender.answers.length === 1)
    expect(isAnswerTo(sender.answers[0] ?? Buffer.alloc(0), packet, secret)).toBe(true)
    expect(server.counters.statusServer).toBe(1)
  })
})

const prefix56 = Buffer.from('003820010db800010200', 'hex')

describe('what is not believed', () => {
  test('gets no answer, is counted by reason, and does not hold up what is right', async () => {
    const { sender, world, server } = await start()
    const forged = buildPacket({ secret: 'guessed', attributes: [attribute(40, 1)] })
    const cut = request(1).subarray(0, 30)
    const lying = Buffer.from(request(1))
    lying.writeUInt16BE(4096, 2)
    const broken = buildPacket({ secret, attributes: [attribute(8, 'x')] })
    const access = buildPacket({ secret, code: 1 })
    const bad = [forged, cut, lying, broken, access, Buffer.alloc(1), Buffer.alloc(5000)]
    for (const packet of bad) await sender.send(packet)
    await sender.send(buildPacket({ secret, code: 12 }))
    const right = request(1)
    await sender.send(right)
    await until(() => sender.answers.length > 0)
    expect(server.refused).toEqual({
      authenticator: 1,
      length: 2,
      'attribute-value': 1,
      code: 1,
      short: 1,
      long: 1,
      'message-authenticator': 1,
    })
    expect(world.stored).toHaveLength(1)
    expect(sender.answers).toHaveLength(1)
  })

  test('who is no client is not even read; the longest prefix decides on the secret', async () => {
    const clients = [client('127.0.0.0/8', 'of all'), client('127.0.0.1'), client('10.0.0.0/8')]
    const { sender, server } = await start('127.0.0.1:0', clients)
    await sender.send(request(1))
    await until(() => sender.answers.length === 1)
    server.useClients([client('10.0.0.0/8')])
    await sender.send(request(1, [], 2))
    await until(() => server.refused['unknown-client'] === 1)
    expect(sender.answers).toHaveLength(1)
  })

  test('a flood of junk costs the sender, and nobody else', async () => {
    const { sender, server, world } = await start()
    const junk = buildPacket({ secret: 'wrong', attributes: [attribute(1, 'x'.repeat(200))] })
    for (let round = 0; round < 100; round++) {
      await Promise.all(Array.from({ length: 50 }, () => sender.send(junk)))
    }
    // What the kernel drops is nobody's loss, and is sent again; what came was refused.
    await until(async () => {
      await sender.send(request(1))
      return sender.answers.length > 0
    })
    expect(world.stored).toHaveLength(1)
    const { packets, requests } = server.counters
    expect(server.refused.authenticator).toBe(packets - requests)
  })

  test('more than fits while the store is slow is not answered', async () => {
    const { sender, server, world } = await start()
    const gate = makeGate()
    world.held = gate.opened
    let sent = 0
    await until(async () => {
      await Promise.all(
        Array.from({ length: 256 }, (_, i) => sender.send(request(1, [attribute(55, sent++)], i)))
      )
      return (server.refused.busy ?? 0) > 0
    })
    expect(sender.answers).toEqual([])
    gate.open()
    await until(async () => {
      await sender.send(request(2))
      return sender.answers.length > 0
    })
  })

  test('a port that is taken is told of', async () => {
    const { port } = await start()
    const again = RadiusServer.start({
      listen: `127.0.0.1:${port}`,
      clients: [],
      store: async () => {},
    })
    await expect(again).rejects.toMatchObject({ code: 'port-in-use' })
  })
})

describe.skipIf(skipUnless('program', programMissing('radclient')))('radclient', () => {
  /** @param patience seconds after which it gives up */
  function radclient(port: number, kind: string, input: string, key: string, patience = 600) {
    return new Promise<{ code: number | null; output: string }>((resolve, reject) => {
      const args = ['-x', '-r', '1', '-t', String(patience), `127.0.0.1:${port}`, kind, key]
      const child = spawn('radclient', args)
      let output = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
      child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
      child.on('error', reject)
      child.on('close', (code) => resolve({ code, output }))
      child.stdin.end(input)
    })
  }

  const attributes = `Acct-Status-Type = Start
Acct-Session-Id = "4711"
User-Name = "alice@example.net"
NAS-Identifier = "bng 1"
Framed-IP-Address = 100.64.7.8
Framed-IPv6-Prefix = 2001:db8:5:6::/64
Delegated-IPv6-Prefix = 2001:db8:77::/48
Calling-Station-Id = "0200.00aa.bb02"
Called-Station-Id = "ap-3:guests"
ADSL-Agent-Circuit-Id = "slot 1/port 3"
Acct-Delay-Time = 2
`

  test('its packets are understood, and it accepts our answers', async () => {
    const { port, world } = await start()
    const { code, output } = await radclient(port, 'acct', attributes, secret)
    expect(output).toContain('Received Accounting-Response')
    expect(code).toBe(0)
    expect(world.stored).toHaveLength(3)
    expect(world.stored[0]).toMatchObject({
      what: 'start',
      user: 'alice@example.net',
      session: '4711',
      nas: 'bng 1',
      station: 'ap-3:guests',
      device: { mac: '02:00:00:aa:bb:02', circuitId: 'slot 1/port 3' },
    })
  })

  test('with a Message-Authenticator, and as Status-Server', async () => {
    const { port, world, server } = await start()
    const signed = `${attributes}Message-Authenticator = 0x00\n`
    const accounting = await radclient(port, 'acct', signed, secret)
    expect(accounting.output).toContain('Received Accounting-Response')
    expect(world.stored).toHaveLength(3)
    const status = 'Message-Authenticator = 0x00\n'
    const { code, output } = await radclient(port, 'status', status, secret)
    expect(output).toMatch(/Received (Accounting-Response|Access-Accept)/)
    expect(code).toBe(0)
    expect(server.refused).toEqual({})
  })

  test('with another secret it waits in vain', async () => {
    const { port, world, server } = await start()
    const { code } = await radclient(port, 'acct', attributes, 'another', 2)
    expect(code).not.toBe(0)
    await until(() => (server.refused.authenticator ?? 0) > 0)
    expect(world.stored).toEqual([])
  })
})
