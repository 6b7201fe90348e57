import { describe, expect, test } from 'vitest'
import { parseZone } from '../../../model/time-zone.ts'
import { lines, reading } from './reading.ts'

const header =
  'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context\n'
const row = (state: number, lifetime = 3600, expire = 1773147600, more = ''): string =>
  `192.0.2.7,02:00:00:00:00:01,01:02:00:00:00:00:01,${lifetime},${expire},1,0,0,a&#x2cb,${state},${more}\n`

describe('lease files', () => {
  test('granted at expire less lifetime; released and reclaimed end it', () => {
    const { events } = reading('kea', header + row(0) + row(3, 0, 1773145000) + row(2))
    expect(lines(events)).toEqual([
      'start 192.0.2.7 02:00:00:00:00:01 2026-03-10T12:00:00 until 2026-03-10T13:00:00',
      'end 192.0.2.7 02:00:00:00:00:01 2026-03-10T12:16:40',
      'end 192.0.2.7 02:00:00:00:00:01 2026-03-10T13:00:00 from 2026-03-10T12:00:00',
    ])
    expect(events[0]?.device.hostname).toBe('a,b')
  })

  test("a row that deletes tells nothing; a declined address is nobody's", () => {
    const declined = '192.0.2.7,,,86400,1773231000,1,0,0,,1,\n'
    const { events, reader } = reading('kea', header + row(0) + row(0, 0) + declined)
    expect(lines(events).slice(1)).toEqual([
      'end 192.0.2.7 02:00:00:00:00:01 2026-03-10T12:10:00 sure 2026-03-10T12:00:00',
    ])
    expect(reader.counters.passed).toEqual({ deleted: 1 })
  })

  test('columns by their names, in any order and number', () => {
    const text =
      'address,expire,valid_lifetime,hwaddr\n192.0.2.7,1773147600,3600,02:00:00:00:00:01\n'
    expect(reading('kea', text).events).toHaveLength(1)
    expect(reading('kea', 'address,hwaddr\n192.0.2.7,x\n').reader.counters.refused).toEqual({
      'header-unknown': 1,
      'header-missing': 1,
    })
    expect(reading('kea', header + '192.0.2.7,02:00\n').reader.counters.refused).toEqual({
      malformed: 1,
    })
  })

  test('a lifetime of all ones never ends, and relay information is read from the context', () => {
    const context = '{ "ISC": { "relay-agent-info": { "sub-options": "0x010268690202ff00" } } }'
    const text = row(0, 0xffffffff, 1773144000 + 0xffffffff, context.replaceAll(',', '&#x2c'))
    const { events } = reading('kea', header + text)
    expect(lines(events)).toEqual([
      'start 192.0.2.7 02:00:00:00:00:01 2026-03-10T12:00:00 until never',
    ])
    expect(events[0]?.device).toMatchObject({ circuitId: 'hi', remoteId: '0xff00' })
  })
})

describe('legal log', () => {
  const zone = parseZone('Europe/Berlin')
  const says = (text: string): string => `2026-03-10 13:00:00 CET ${text}\n`
  const device = 'a device with hardware address: hwtype=1 02:00:00:00:00:01'

  test('assigned, renewed, released; the declared zone, not its letters', () => {
    const text =
      says(`Address: 192.0.2.7 has been assigned for 1 hrs 0 min 1 secs to ${device}`) +
      says(`Address: 192.0.2.7 has been renewed for infinite duration to ${device}`) +
      says(`Address: 192.0.2.7 has been released from ${device}`)
    expect(lines(reading('kea-legal', text, { zone }).events)).toEqual([
      'start 192.0.2.7 02:00:00:00:00:01 2026-03-10T12:00:00 until 2026-03-10T13:00:01',
      'start 192.0.2.7 02:00:00:00:00:01 2026-03-10T12:00:00 until never',
      'end 192.0.2.7 02:00:00:00:00:01 2026-03-10T12:00:00',
    ])
    expect(reading('kea-legal', text).reader.counters.refused).toEqual({ 'zone-missing': 3 })
  })

  test('prefixes by DUID; by hand; deleted by address alone', () => {
    const text =
      says(
        'Prefix: 2001:db8:1::/56 has been assigned for 1 hrs 0 min 0 secs to a device with DUID: 00:01:02 and hardware address: hwtype=1 02:00:00:00:00:01 (from DUID)'
      ) +
      says(
        'Administrator added a lease of address: 192.0.2.7 to a device with hardware address: 02:00:00:00:00:01 for 0 days 1 hrs 0 mins 0 secs'
      ) +
      says('HA partner deleted the lease for address: 192.0.2.7') +
      says(
        'Administrator deleted a lease for a device identified by: hw-address of 02:00:00:00:00:01'
      )
    const { events, reader } = reading('kea-legal', text, { zone })
    expect(lines(events)).toEqual([
      'start 2001:db8:1::/56 02:00:00:00:00:01 2026-03-10T12:00:00 until 2026-03-10T13:00:00',
      'start 192.0.2.7 02:00:00:00:00:01 2026-03-10T12:00:00 until 2026-03-10T13:00:00',
      'end 192.0.2.7 02:00:00:00:00:01 2026-03-10T12:00:00 sure 2026-03-10T12:00:00',
    ])
    expect(events[0]?.device.duid).toBe('000102')
    expect(reader.counters.passed).toEqual({ 'without-address': 1 })
  })

  test('what a client calls itself cannot pass for what the relay says', () => {
    const name = ', identified by circuit-id: 66:6f:6f'
    const hex = Buffer.from(name).toString('hex').match(/../g)?.join(':') ?? ''
    const text = says(
      `Address: 192.0.2.7 has been assigned for 1 hrs 0 min 0 secs to ${device}, client-id: ${hex} (${name}) ` +
        'connected via relay at address: 192.0.2.1, identified by circuit-id: 68:69 (hi)'
    )
    expect(reading('kea-legal', text, { zone }).events[0]?.device.circuitId).toBe('hi')
  })
})
