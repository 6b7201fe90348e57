import { describe, expect, test } from 'vitest'
import { parseZone } from '../../../model/time-zone.ts'
import { lines, reading } from './reading.ts'

const basics: readonly string[] = [
  'User-Name = "bob"',
  'NAS-IP-Address = 198.51.100.1',
  'Acct-Session-Id = "A1"',
  'Framed-IP-Address = 192.0.2.7',
]
/** A record as FreeRADIUS writes it; 12:00:00 UTC. */
const record = (status: string, ...more: string[]): string =>
  ['Tue Mar 10 12:00:00 2026', `\tAcct-Status-Type = ${status}`]
    .concat([...basics, ...more].map((line) => `\t${line}`))
    .concat(more.some((line) => line.startsWith('Timestamp')) ? [] : ['\tTimestamp = 1773144000'])
    .concat(['', ''])
    .join('\n')

describe('detail files', () => {
  test('start, report and end of a session; delay taken off, its length tells the start', () => {
    const text =
      record('Start', 'Acct-Delay-Time = 5') +
      record('Interim-Update', 'Acct-Session-Time = 600', 'Acct-Delay-Time = 0') +
      record('Stop', 'Acct-Session-Time = 1200', 'Acct-Delay-Time = 10')
    const { events } = reading('radius-detail', text)
    expect(lines(events)).toEqual([
      'start 192.0.2.7 bob 2026-03-10T11:59:55',
      'alive 192.0.2.7 bob 2026-03-10T12:00:00 from 2026-03-10T11:50:00',
      'end 192.0.2.7 bob 2026-03-10T11:59:50 from 2026-03-10T11:39:50',
    ])
    expect(new Set(events.map(({ key }) => key)).size).toBe(1)
  })

  test('on bridged media a session is older than its address', () => {
    const text = record(
      'Interim-Update',
      'Acct-Session-Time = 600',
      'NAS-Port-Type = Wireless-802.11'
    )
    expect(lines(reading('radius-detail', text).events)).toEqual([
      'alive 192.0.2.7 bob 2026-03-10T12:00:00',
    ])
  })

  test('the same session number at another NAS, or of another class, is another session', () => {
    const at = (nas: string): string => record('Start').replace('198.51.100.1', nas)
    const text = at('198.51.100.1') + at('198.51.100.2') + record('Start', 'Class = 0x01')
    const keys = reading('radius-detail', text).events.map(({ key }) => key)
    expect(new Set(keys).size).toBe(3)
  })

  test('a NAS that starts or stops accounting ends all that it had', () => {
    const on = reading('radius-detail', record('Accounting-On')).events
    expect(on).toMatchObject([{ what: 'restart', nas: '198.51.100.1', atUs: 1773144000e6 }])
    expect(on[0]?.prefix).toBeUndefined()
  })

  test('every address and prefix is a statement; none that nobody can hold', () => {
    const text = record(
      'Start',
      'Framed-IPv6-Prefix = 2001:db8:0:1::/64',
      'Framed-IPv6-Address = 2001:db8::9',
      'Delegated-IPv6-Prefix = 2001:db8:1:ff::1/56',
      'Delegated-IPv6-Prefix = 2001:db8:2::/56',
      'Framed-IP-Address = 255.255.255.254',
      'Framed-IPv6-Prefix = fe80::/64'
    )
    expect(lines(reading('radius-detail', text).events).map((line) => line.split(' ')[1])).toEqual([
      '192.0.2.7',
      '2001:db8::9',
      '2001:db8:0:1::/64',
      '2001:db8:1::/56',
      '2001:db8:2::/56',
    ])
    const without = record('Stop').replace(/\tFramed-IP.*\n/, '')
    expect(reading('radius-detail', without).events).toMatchObject([{ what: 'end' }])
  })

  test('device, place and names, whatever octets they hold', () => {
    const text = record(
      'Start',
      'Calling-Station-Id = "AABB.CCDD.EEFF"',
      'Called-Station-Id = "ap1:guest"',
      'Class = 0x616263'
    ).replace('"bob"', '"b\\"\\303\\266\\000\\n"')
    const [event] = reading('radius-detail', text).events
    expect(event).toMatchObject({
      user: 'b"ö\\x00\\x0a',
      device: { mac: 'aa:bb:cc:dd:ee:ff' },
      station: 'ap1:guest',
    })
    const odd = record('Start').replace('"bob"', '"b\xff\xfe"')
    expect(reading('radius-detail', odd).events[0]?.user).toBe('b\\xff\\xfe')
  })

  test('two times that disagree: the one of receipt counts, and the record is weak', () => {
    const text = record('Start').replace('Tue Mar 10 12:00:00 2026', 'Fri Mar 11 12:00:00 2011')
    const { events, reader } = reading('radius-detail', text)
    expect(lines(events)).toEqual(['start 192.0.2.7 bob 2026-03-10T12:00:00 weak'])
    expect(reader.counters.notes).toEqual({ 'header-mismatch': 1 })
    const nas = record('Start', 'Event-Timestamp = 1773140000')
    expect(reading('radius-detail', nas).events[0]?.weak).toBe(true)
  })

  test('without Timestamp the local time of the header, of a declared zone', () => {
    const header = (time: string, status: string): string =>
      record(status, 'Timestamp = ')
        .replace('Tue Mar 10 12:00:00 2026', time)
        .replace('\tTimestamp = \n', '')
    const zone = parseZone('Europe/Berlin')
    const summer =
      header('Sun Oct 25 02:30:00 2026', 'Start') + header('Sun Oct 25 02:30:00 2026', 'Stop')
    expect(lines(reading('radius-detail', summer, { zone }).events)).toEqual([
      'start 192.0.2.7 bob 2026-10-25T00:30:00 weak',
      'end 192.0.2.7 bob 2026-10-25T01:30:00 weak',
    ])
    const never = header('Sun Mar 29 02:30:00 2026', 'Start')
    expect(reading('radius-detail', never, { zone }).reader.counters.refused).toEqual({
      'time-impossible': 1,
    })
    expect(reading('radius-detail', never).reader.counters.refused).toEqual({ 'zone-missing': 1 })
  })

  test.each([
    ['bad-delay', record('Start', 'Acct-Delay-Time = 99999999')],
    ['bad-session-time', record('Stop', 'Acct-Session-Time = -5')],
    ['session-missing', record('Start').replace(/\tAcct-Session-Id.*\n/, '')],
    ['nas-missing', record('Start').replace(/\tNAS-IP.*\n/, '')],
    ['status-missing', record('Start').replace(/\tAcct-Status.*\n/, '')],
    ['malformed', record('Start').replace('"bob"', '"bob')],
    ['time-invalid', record('Start', 'Timestamp = 17')],
  ])('refused: %s', (reason, text) => {
    const { events, reader } = reading('radius-detail', text + record('Start'))
    expect(events).toHaveLength(1)
    expect(reader.counters.refused).toEqual({ [reason]: 1 })
  })

  test('log-ins and other packets are passed over', () => {
    const text = record('Start', 'Packet-Type = Access-Accept') + record('Tunnel-Start')
    expect(reading('radius-detail', text).reader.counters.passed).toEqual({
      'not-accounting': 1,
      'status-other': 1,
    })
  })
})

describe('radacct', () => {
  const header =
    'acctsessionid,username,nasipaddress,acctstarttime,acctupdatetime,acctstoptime,framedipaddress,' +
    'framedipv6prefix,class\n'
  const row = (times: string): string => `A1,bob,198.51.100.1,${times},192.0.2.7,,\n`

  test('everything is weak; without a Stop it was held when it was last updated', () => {
    const text =
      row('2026-03-10 13:00:00+01,2026-03-10 13:30:00+01,2026-03-10 14:00:00+01') +
      row('2026-03-10 13:00:00+01,2026-03-10 13:30:00+01,') +
      row('2026-03-10 13:00:00+01,NULL,\\N')
    expect(lines(reading('radacct', header + text).events)).toEqual([
      'end 192.0.2.7 bob 2026-03-10T13:00:00 from 2026-03-10T12:00:00 weak',
      'alive 192.0.2.7 bob 2026-03-10T12:30:00 from 2026-03-10T12:00:00 weak',
      'alive 192.0.2.7 bob 2026-03-10T12:00:00 from 2026-03-10T12:00:00 weak',
    ])
  })

  test('its sessions have the keys of accounting, and its times need a zone', () => {
    const text = header + row('2026-03-10 12:00:00,,')
    const [row1] = reading('radacct', text, { zone: parseZone('UTC') }).events
    expect(row1?.key).toBe(reading('radius-detail', record('Start')).events[0]?.key)
    expect(reading('radacct', text).reader.counters.refused).toEqual({ 'zone-missing': 1 })
    const wrong = header + row('2026-03-10 13:00:00+01,,2026-03-10 12:00:00+01')
    expect(reading('radacct', wrong).reader.counters.refused).toEqual({ contradictory: 1 })
  })
})
