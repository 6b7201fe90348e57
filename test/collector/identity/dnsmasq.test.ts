import { describe, expect, test } from 'vitest'
import { parseZone } from '../../../model/time-zone.ts'
import { lines, reading } from './reading.ts'

const writtenUs = Date.UTC(2026, 2, 10, 12) * 1000
const zone = parseZone('UTC')

describe('leases file', () => {
  test('tells who holds an address when it is written, weakly', () => {
    const text =
      '1773147600 02:00:00:00:00:01 192.0.2.7 laptop 01:02:00:00:00:00:01\n' +
      '0 02:00:00:00:00:02 192.0.2.8 * *\n' +
      '1773140000 02:00:00:00:00:03 192.0.2.9 old *\n' +
      'duid 00:01:00:01\n' +
      '1773147600 T12 2001:db8::7 laptop 00:03:00:01\n'
    const { events, reader } = reading('dnsmasq', text, { writtenUs })
    expect(lines(events)).toEqual([
      'alive 192.0.2.7 02:00:00:00:00:01 2026-03-10T12:00:00 until 2026-03-10T13:00:00 weak',
      'alive 192.0.2.8 02:00:00:00:00:02 2026-03-10T12:00:00 until never weak',
      'alive 2001:db8::7 00030001 2026-03-10T12:00:00 until 2026-03-10T13:00:00 weak',
    ])
    expect(events[0]?.device).toMatchObject({ hostname: 'laptop', clientId: '01020000000001' })
    expect(reader.counters.passed).toEqual({ expired: 1 })
  })
})

describe('syslog', () => {
  const says = (text: string, time = 'Mar 10 12:00:00'): string =>
    `${time} gw dnsmasq-dhcp[7]: ${text}\n`

  test('answers and releases; log-dhcp tells for how long', () => {
    const text =
      says('4711 DHCPREQUEST(lan) 192.0.2.7 02:00:00:00:00:01') +
      says('4711 DHCPACK(lan) 192.0.2.7 02:00:00:00:00:01 laptop') +
      says('4711 sent size:  4 option: 51 lease-time  1h30m') +
      says('DHCPRELEASE(lan) 192.0.2.7 02:00:00:00:00:01', 'Mar 10 12:10:00') +
      says('DHCPREPLY(lan) 2001:db8::7 00:03:00:01 laptop')
    const { events } = reading('dnsmasq', text, { zone, writtenUs })
    expect(lines(events)).toEqual([
      'start 192.0.2.7 02:00:00:00:00:01 2026-03-10T12:00:00',
      'alive 192.0.2.7 02:00:00:00:00:01 2026-03-10T12:00:00 until 2026-03-10T13:30:00',
      'end 192.0.2.7 02:00:00:00:00:01 2026-03-10T12:10:00',
      'start 2001:db8::7 00030001 2026-03-10T12:00:00',
    ])
    expect(new Set(events.slice(0, 3).map(({ key }) => key)).size).toBe(1)
  })

  test('without a declared zone nothing is told', () => {
    const { events, reader } = reading('dnsmasq', says('DHCPACK(lan) 192.0.2.7 02:00:00:00:00:01'))
    expect(events).toEqual([])
    expect(reader.counters.refused).toEqual({ 'zone-missing': 1 })
    const told = says('DHCPACK(lan) 192.0.2.7 02:00:00:00:00:01', '2026-03-10T13:00:00.5+01:00')
    expect(reading('dnsmasq', told).events[0]?.atUs).toBe(1773144000.5e6)
  })
})

describe('a script of ours', () => {
  test('add, old and del, with and without a name', () => {
    const text =
      '1773144000 add 02:00:00:00:00:01 192.0.2.7 laptop until=1773147600\n' +
      '2026-03-10T12:05:00Z old 02:00:00:00:00:01 192.0.2.7 until=1773147600\n' +
      '1773144600 del 02:00:00:00:00:01 192.0.2.7 laptop\n' +
      '1773144600 tftp 5 192.0.2.7 /boot\n'
    const { events, reader } = reading('dnsmasq', text)
    expect(lines(events)).toEqual([
      'start 192.0.2.7 02:00:00:00:00:01 2026-03-10T12:00:00 until 2026-03-10T13:00:00',
      'alive 192.0.2.7 02:00:00:00:00:01 2026-03-10T12:05:00 until 2026-03-10T13:00:00',
      'end 192.0.2.7 02:00:00:00:00:01 2026-03-10T12:10:00',
    ])
    expect(reader.counters.passed).toEqual({ 'other-action': 1 })
  })
})
