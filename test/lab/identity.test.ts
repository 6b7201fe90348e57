import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connection } from '../../cli/demo/endpoint-protocol.ts'
import type { Answer } from '../../lookup-api/contract.ts'
import { programMissing, skipUnless } from '../skip.ts'
import { until } from '../until.ts'
import { labMissing } from './gateway-lab.ts'
import { makeIdentityLab } from './identity-lab.ts'
import type { IdentityLab } from './identity-lab.ts'
import { outgoing, question } from './truth.ts'

const web = { ip: '198.51.100.1', port: 80 }
const missing = labMissing() ?? programMissing('dnsmasq') ?? programMissing('radclient')

describe.skipIf(skipUnless('kernel', missing))('from a public port to a subscriber', () => {
  let lab: IdentityLab
  const made: Connection[] = []
  const addresses: string[] = []
  let atUs = 0

  /** Sources, each for a host of its own; then each host talks to the world. */
  beforeAll(async () => {
    lab = await makeIdentityLab(3)
    const rows = [`1001,Ada,${lab.mac(0)},`, '1002,Alan,,alan', `1003,Grace,${lab.mac(2)},`]
    await lab.loadDirectory(`id,name,mac,user\n${rows.join('\n')}\n`)
    addresses.push(await lab.lease(0, 'adas-laptop'))
    const [, second, third] = lab.topology.hosts.map(({ ipv4 }) => ipv4)
    addresses.push(second ?? '', third ?? '')
    await lab.account({
      'Acct-Status-Type': 'Start',
      'Acct-Session-Id': '"7f3a"',
      'User-Name': '"alan"',
      'NAS-IP-Address': '127.0.0.1',
      'Framed-IP-Address': addresses[1] ?? '',
      'Calling-Station-Id': `"${lab.mac(1)}"`,
    })
    lab.keaLease(addresses[2] ?? '', lab.mac(2), 'graces-pc')
    for (const address of addresses) await lab.known(address)
    for (const [index, ip] of addresses.entries()) {
      const connection = await lab.hosts[index]?.open('tcp', { ip, port: 0 }, web)
      if (connection !== undefined) made.push(connection)
    }
    await sleep(300)
    atUs = Date.now() * 1000
    // The neighbour table and the session are heard of once more after T, so that T lies within.
    await lab.account({
      'Acct-Status-Type': 'Interim-Update',
      'Acct-Session-Id': '"7f3a"',
      'User-Name': '"alan"',
      'NAS-IP-Address': '127.0.0.1',
      'Framed-IP-Address': addresses[1] ?? '',
      'Calling-Station-Id': `"${lab.mac(1)}"`,
      'Acct-Session-Time': '5',
    })
    await sleep(2500)
    // Each file is read once a second, and on a busy machine more seldom.
    for (const [host, told] of ['adas-laptop', 'alan', 'graces-pc'].entries()) {
      await until(async () => JSON.stringify((await ask(host)).candidates).includes(told))
    }
  }, 240_000)

  afterAll(() => lab.close())

  const ask = (host: number): Promise<Answer> => {
    const connection = made[host]
    if (connection === undefined) throw new Error(`Host ${host} made no connection.`)
    return lab.lookup(question(outgoing(`host ${host}`, connection), atUs))
  }

  test('a lease of dnsmasq: MAC, host name and subscriber', async () => {
    const answer = await ask(0)
    expect(answer.verdict).toBe('unique')
    expect(answer.candidates[0]).toMatchObject({
      inside: { ip: addresses[0] },
      identity: {
        state: 'resolved',
        device: { mac: lab.mac(0), hostname: 'adas-laptop' },
        subscriber: { id: '1001', name: 'Ada' },
      },
    })
    expect(answer.candidates[0]?.links.map(({ step }) => step)).toEqual([
      'nat',
      'device',
      'subscriber',
    ])
  })

  test('a session of RADIUS: user and subscriber', async () => {
    const answer = await ask(1)
    expect(answer.candidates[0]?.identity).toMatchObject({
      state: 'resolved',
      device: { mac: lab.mac(1) },
      user: 'alan',
      session: { id: '7f3a' },
      subscriber: { id: '1002', name: 'Alan', by: 'user' },
    })
  })

  test("a row of Kea's lease file: MAC, host name and subscriber", async () => {
    const answer = await ask(2)
    expect(answer.candidates[0]?.identity).toMatchObject({
      state: 'resolved',
      device: { mac: lab.mac(2), hostname: 'graces-pc' },
      subscriber: { id: '1003', name: 'Grace' },
    })
  })

  test('a notice in ACNS names public address, port and time: the answer the subscriber', async () => {
    const seen = made[0]?.seenAs
    const at = new Date(atUs / 1000).toISOString()
    const body = `<?xml version="1.0" encoding="UTF-8"?>
<Infringement xmlns="http://www.acns.net/ACNS">
  <Case><ID>lab-1</ID><Status>Open</Status></Case>
  <Source>
    <TimeStamp>${at}</TimeStamp>
    <IP_Address>${seen?.ip}</IP_Address>
    <Port>${seen?.port}</Port>
    <Type>BitTorrent</Type>
  </Source>
</Infringement>`
    const answered = await lab.request('/v1/notices', { body, type: 'application/xml' })
    expect(answered).toContain('"id":"1001"')
    expect(answered).toContain(lab.mac(0))
    expect(answered).not.toContain('"id":"1002"')
  })

  test('the command prints the chain', async () => {
    const seen = made[0]?.seenAs
    const time = new Date(atUs / 1000).toISOString()
    const printed = await lab.flowledger('lookup', `${seen?.ip}:${seen?.port}`, time)
    expect(printed.stdout).toContain('subscriber 1001 Ada')
    expect(printed.stdout).toContain('adas-laptop')
  })

  test('the other way round: what the subscriber held', async () => {
    const page = await lab.request('/v1/holdings?subscriber=1001&from=-10m&flows=true')
    const { holdings } = JSON.parse(page) as { holdings: { held: string }[] }
    expect(holdings.map(({ held }) => held)).toContain(addresses[0])
  })

  test('the reveals are in the audit as such, with their records', async () => {
    const { entries } = JSON.parse(await lab.request('/v1/audit?limit=50')) as {
      entries: { action: string; detail: { subscribers?: string[] } }[]
    }
    const reveals = entries.filter(({ action }) => action === 'reveal')
    expect(reveals.some(({ detail }) => detail.subscribers?.[0]?.includes('1001'))).toBe(true)
  })
})
