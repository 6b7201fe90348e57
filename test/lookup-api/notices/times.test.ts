import { Temporal } from 'temporal-polyfill'
import { describe, expect, test } from 'vitest'
import { formatInstant } from '../../../model/time.ts'
import { parseZone } from '../../../model/time-zone.ts'
import { agree, readTimeField } from '../../../lookup-api/notices/times.ts'
import type { TimeContext } from '../../../lookup-api/notices/types.ts'
import { nowUs } from './reading.ts'

function reading(text: string, context: Partial<TimeContext> = {}): string {
  const time = agree(readTimeField(text, { nowUs, siteZone: parseZone('UTC'), ...context }))
  const instants = (time?.instants ?? []).map((us) => formatInstant(us).replace('.000Z', 'Z'))
  return (instants.join(' | ') || 'none') + (time?.sure === true ? '' : ' ?')
}

const berlin = { siteZone: parseZone('Europe/Berlin') }

test('where nothing tells of a zone, every clock of the earth may be meant', () => {
  for (const day of ['2010-02-07', '2014-07-09', '2021-11-20']) {
    const time = agree(readTimeField(`${day} 23:12:44`, { nowUs }))
    expect(time?.sure).toBe(false)
    const instants = new Set(time?.instants)
    for (const zone of Intl.supportedValuesOf('timeZone')) {
      const wall = Temporal.PlainDateTime.from(`${day}T23:12:44`)
      const meant = wall.toZonedDateTime(zone).epochMilliseconds * 1000
      expect(instants, zone).toContain(meant)
    }
  }
})

describe('one instant, without doubt', () => {
  test.each([
    ['2008-08-30T12:34:53Z', '2008-08-30T12:34:53Z'],
    ['2008-08-30T12:34:53.250Z', '2008-08-30T12:34:53.250Z'],
    ['2008-08-30t12:34:53z', '2008-08-30T12:34:53Z'],
    ['20080830T123453Z', '2008-08-30T12:34:53Z'],
    ['2015-05-06 05:00:00.0 GMT', '2015-05-06T05:00:00Z'],
    ['2015-05-06T05-00-00UTC', '2015-05-06T05:00:00Z'],
    ['2015/05/06 05:00 UTC', '2015-05-06T05:00:00Z'],
    ['07 Feb 2010 23:12:44 GMT', '2010-02-07T23:12:44Z'],
    ['7-Feb-2010 23:12:44 Z', '2010-02-07T23:12:44Z'],
    ['Sunday, 7th of February 2010, 23:12:44 UTC', '2010-02-07T23:12:44Z'],
    ['07/Feb/2010:23:12:44 +0100', '2010-02-07T22:12:44Z'],
    ['Sun, 07 Feb 2010 23:12:44 +0000 (UTC)', '2010-02-07T23:12:44Z'],
    ['Sun Feb  7 23:12:44 UTC 2010', '2010-02-07T23:12:44Z'],
    ['Sun Feb 7 23:12:44 2010 +0100', '2010-02-07T22:12:44Z'],
    ['February 27th 2021 06:51:35 AM UTC Time', '2021-02-27T06:51:35Z'],
    ['12:05:00 AM, 27 Feb 2021 UTC', '2021-02-27T00:05:00Z'],
    ['2021-02-27 12:05 PM UTC', '2021-02-27T12:05:00Z'],
    ['2021-02-15T20:09:32.000Z GMT', '2021-02-15T20:09:32Z'],
    ['fri, 03 nov 2023 07:32:36 -0700 (pdt)', '2023-11-03T14:32:36Z'],
    ['2010-02-07 23:12:44 (GMT+8)', '2010-02-07T15:12:44Z'],
    ['2010-02-07 23:12:44 UTC+5:30', '2010-02-07T17:42:44Z'],
    ['2010-02-07 23:12:44 GMT-0500', '2010-02-08T04:12:44Z'],
    ['2010-02-07 23:12:44 North American Eastern Time', '2010-02-08T04:12:44Z'],
    ['2010-07-07 23:12:44 North American Eastern Time', '2010-07-08T03:12:44Z'],
    ['2010-02-07 23:12:44 Europe/Amsterdam', '2010-02-07T22:12:44Z'],
    ['2010-02-07 23:12:44 Etc/GMT+8', '2010-02-08T07:12:44Z'],
    ['2010-02-07 23:12:44 MET', '2010-02-07T22:12:44Z'],
    ['2010-07-07 23:12:44 MEST', '2010-07-07T21:12:44Z'],
    ['2010-02-07 23:12:44 JST', '2010-02-07T14:12:44Z'],
    ['2013-02-07 23:12:44 MSK', '2013-02-07T19:12:44Z'],
    ['2016-02-07 23:12:44 MSK', '2016-02-07T20:12:44Z'],
    ['2018-07-07 23:12:44 BRT', '2018-07-08T02:12:44Z'],
    ['13/07/2022 10:00:00 UTC', '2022-07-13T10:00:00Z'],
    ['07/13/2022 10:00:00 UTC', '2022-07-13T10:00:00Z'],
    ['07/07/2022 10:00:00 UTC', '2022-07-07T10:00:00Z'],
    ['Mon 02/05/2022 10:00:00 UTC', '2022-05-02T10:00:00Z'],
    ['1265584364', '2010-02-07T23:12:44Z'],
    ['1265584364000', '2010-02-07T23:12:44Z'],
    ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59.999999Z'],
    ['2021-10-31 02:30:00 CEST', '2021-10-31T00:30:00Z'],
    ['2021-10-31 02:30:00 CET', '2021-10-31T01:30:00Z'],
  ])('%s', (text, instant) => {
    expect(reading(text)).toBe(instant)
  })
})

describe('several instants: somebody has to choose', () => {
  test.each([
    ['no zone', '2010-02-07 23:12:44', '2010-02-07T23:12:44Z ?'],
    ['day or month', '01-07-2022 10:00:00 UTC', '2022-01-07T10:00:00Z | 2022-07-01T10:00:00Z ?'],
    [
      'India, Israel, Ireland',
      '2010-07-07 12:00:00 IST',
      '2010-07-07T06:30:00Z | 2010-07-07T09:00:00Z | 2010-07-07T10:00:00Z | 2010-07-07T11:00:00Z ?',
    ],
    [
      'Britain, Bangladesh, Bougainville',
      '2010-07-07 12:00:00 BST',
      '2010-07-07T01:00:00Z | 2010-07-07T06:00:00Z | 2010-07-07T11:00:00Z ?',
    ],
    [
      'winter time said in summer',
      '2010-07-07 12:00:00 CET',
      '2010-07-07T10:00:00Z | 2010-07-07T11:00:00Z ?',
    ],
    [
      'summer time said in winter',
      '2010-01-07 12:00:00 MDT',
      '2010-01-07T18:00:00Z | 2010-01-07T19:00:00Z ?',
    ],
    [
      'America or Australia',
      '2010-01-07 12:00:00 EST',
      '2010-01-07T01:00:00Z | 2010-01-07T02:00:00Z | 2010-01-07T17:00:00Z ?',
    ],
    [
      'clocks set back',
      '2021-10-31 02:30:00 Europe/Amsterdam',
      '2021-10-31T00:30:00Z | 2021-10-31T01:30:00Z ?',
    ],
    [
      'zones that contradict each other',
      '2010-02-07T12:00:00+0100 (MSK)',
      '2010-02-07T09:00:00Z | 2010-02-07T11:00:00Z ?',
    ],
    [
      'an offset with a digit too many',
      '2010-02-07 12:00:00 -06000',
      '2010-02-07T12:00:00Z | 2010-02-07T18:00:00Z ?',
    ],
    [
      'an offset, or the end of a range',
      '2010-02-07 10:00-11:00',
      '2010-02-07T10:00:00Z | 2010-02-07T21:00:00Z ?',
    ],
    [
      'a day of the week that it was not',
      'Mon, 07 Feb 2010 23:12:44 GMT',
      '2010-02-07T23:12:44Z ?',
    ],
    ['in the future', '2099-01-01T00:00:00Z', '2099-01-01T00:00:00Z ?'],
    [
      'two times',
      '2010-02-07T10:00:00Z 2010-02-07T11:00:00Z',
      '2010-02-07T10:00:00Z | 2010-02-07T11:00:00Z ?',
    ],
  ])('%s: %s', (_, text, instants) => {
    expect(reading(text)).toBe(instants)
  })

  test('every zone that is plausible', () => {
    const senderZone = parseZone('-07:00')
    expect(reading('2010-02-07 12:00:00', { ...berlin, senderZone })).toBe(
      '2010-02-07T11:00:00Z | 2010-02-07T12:00:00Z | 2010-02-07T19:00:00Z ?'
    )
  })

  test('a date without a year is of the last one before the mail, and not sure', () => {
    const sentUs = Date.UTC(2024, 0, 3) * 1000
    expect(reading('Dec 30 10:00:00', { sentUs })).toBe('2023-12-30T10:00:00Z ?')
    expect(reading('Jan  2 10:00:00', { sentUs })).toBe('2024-01-02T10:00:00Z ?')
    expect(reading('Jan  2 10:00:00')).toBe('none ?')
  })
})

describe('impossible: refused, never now', () => {
  test.each([
    '',
    'yesterday',
    'now',
    '-2h',
    '2010-02-30 10:00:00Z',
    '2010-13-01 10:00:00Z',
    '31/31/2010 10:00:00 UTC',
    '2010-02-07 25:00:00Z',
    '2010-02-07 10:61:00Z',
    '2010-02-07 13:00:00 AM UTC',
    '2010-02-07',
    '23:12:44 UTC',
    '2010-12-31T23:59:60Z',
    '1970-01-01T00:00:00Z',
    '99999999999',
  ])('%j', (text) => {
    expect(reading(text)).toBe('none ?')
  })

  test('clocks that were set forward never showed it', () => {
    const time = agree(readTimeField('2021-03-28 02:30:00 Europe/Amsterdam', { nowUs }))
    expect(time?.instants).toEqual([])
    expect(time?.reasons.join()).toContain('never was')
  })
})

describe('what is known of the sender', () => {
  const losAngeles = { profileZone: parseZone('America/Los_Angeles') }

  test.each([
    ['2010-02-07 12:00:00', '2010-02-07T20:00:00Z'],
    ['2010-07-07 12:00:00', '2010-07-07T19:00:00Z'],
    ['2010-02-07 12:00:00 PST', '2010-02-07T20:00:00Z'],
    ['2010-07-07 12:00:00 PST', '2010-07-07T19:00:00Z'],
    // An offset, and a name with one meaning, stand above the profile.
    ['2010-02-07 12:00:00 +0100', '2010-02-07T11:00:00Z'],
    ['2010-02-07 12:00:00 UTC', '2010-02-07T12:00:00Z'],
    ['2010-02-07 12:00:00 JST', '2010-02-07T03:00:00Z'],
    ['2010-11-07 01:30:00', '2010-11-07T08:30:00Z | 2010-11-07T09:30:00Z ?'],
    ['2010-03-14 02:30:00', 'none ?'],
  ])('%s', (text, instant) => {
    expect(reading(text, losAngeles)).toBe(instant)
  })

  test('the order of day and month', () => {
    expect(reading('01/07/2022 10:00:00 UTC', { dateOrder: 'dmy' })).toBe('2022-07-01T10:00:00Z')
    expect(reading('01/07/2022 10:00:00 UTC', { dateOrder: 'mdy' })).toBe('2022-01-07T10:00:00Z')
  })

  test('the zone that who asks gives decides before all profiles', () => {
    const askedZone = parseZone('Asia/Kolkata')
    expect(reading('2010-02-07 12:00:00', { ...losAngeles, askedZone })).toBe(
      '2010-02-07T06:30:00Z'
    )
    expect(reading('2010-02-07 12:00:00 IST', { askedZone })).toBe('2010-02-07T06:30:00Z')
  })
})
