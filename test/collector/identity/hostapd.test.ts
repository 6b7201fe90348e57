import { expect, test } from 'vitest'
import { parseZone } from '../../../model/time-zone.ts'
import { reading } from './reading.ts'

const zone = parseZone('UTC')
const mac = '02:00:00:00:00:01'
const says = (text: string, second = 0): string =>
  `Mar 10 12:00:0${second} ap1 hostapd: wlan0: ${text}\n`

test('a station with its log-in, from connecting to leaving, each told once', () => {
  const text =
    says(`STA ${mac} IEEE 802.11: associated`) +
    says(`STA ${mac} IEEE 802.1X: STA identity 'bob@example.net'`) +
    says(`AP-STA-CONNECTED ${mac}`, 1) +
    says(`STA ${mac} RADIUS: starting accounting session 5E8A-01`, 1) +
    says(`STA ${mac} IEEE 802.1X: authenticated - EAP type: 25 (PEAP)`, 2) +
    says(`AP-STA-DISCONNECTED ${mac}`, 5) +
    says(`STA ${mac} IEEE 802.11: disassociated`, 5)
  const { events, reader } = reading('hostapd', text, { zone })
  expect(events.map(({ what, user, session }) => [what, user, session])).toEqual([
    ['start', 'bob@example.net', undefined],
    ['alive', 'bob@example.net', '5E8A-01'],
    ['alive', 'bob@example.net', '5E8A-01'],
    ['end', 'bob@example.net', '5E8A-01'],
  ])
  expect(events[0]).toMatchObject({ kind: 'login', nas: 'ap1', station: 'wlan0', device: { mac } })
  expect(events.every(({ prefix }) => prefix === undefined)).toBe(true)
  expect(reader.counters.passed).toEqual({ 'other-message': 1, 'gone-already': 1 })
})

test('a log-in belongs to one stay: the next one has to tell it anew', () => {
  const text =
    says(`STA ${mac} IEEE 802.1X: STA identity 'bob'`) +
    says(`AP-STA-CONNECTED ${mac}`, 1) +
    says(`AP-STA-DISCONNECTED ${mac}`, 2) +
    says(`AP-STA-CONNECTED ${mac}`, 3)
  const { events } = reading('hostapd', text, { zone })
  expect(events.map(({ user }) => user)).toEqual(['bob', 'bob', undefined])
})

test('other programs, other messages, and its own output', () => {
  const text =
    'Mar 10 12:00:00 ap1 kernel: wlan0: up\n' +
    says('interface state COUNTRY_UPDATE->ENABLED') +
    `1773144000.25: wlan0: AP-STA-CONNECTED ${mac}\n`
  const { events, reader } = reading('hostapd', text, { zone })
  expect(events.map(({ atUs, nas }) => [atUs, nas])).toEqual([[1773144000.25e6, 'file']])
  expect(reader.counters.passed).toEqual({ 'other-program': 1, 'other-message': 1 })
})
