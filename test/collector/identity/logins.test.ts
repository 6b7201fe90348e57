import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsePattern } from '../../../collector/identity/pattern-text.ts'
import { parseZone } from '../../../model/time-zone.ts'
import { lines, reading } from './reading.ts'

const zone = parseZone('UTC')
const time = '2026-03-10T12:00:00Z'

describe('patterns of lines', () => {
  const matched = (patterns: readonly string[], text: string) =>
    reading('logins', `${text}\n`, { zone, patterns })

  test('placeholders end where they must; what a line states may be declared', () => {
    const patterns = [
      '{time} {*} sshd[{*}]: Accepted {*} for {user} from {ip} port {*}',
      'end:{time} {*} logout {user} {ip}',
      '{time} join {mac} as {user}.',
    ]
    expect(
      [
        'Mar 10 12:00:00 gw sshd[7]: Accepted publickey for bob from 2001:db8::7 port 22 ssh2',
        `${time} x logout bob 192.0.2.7`,
        `${time} join 02-00-00-00-00-01 as bob the first.`,
        `${time} something else`,
      ].map((line) => lines(matched(patterns, line).events)[0])
    ).toEqual([
      'alive 2001:db8::7 bob 2026-03-10T12:00:00',
      'end 192.0.2.7 bob 2026-03-10T12:00:00',
      'alive - bob the first 2026-03-10T12:00:00',
      undefined,
    ])
  })

  test('a name that imitates the rest of the line accuses nobody', () => {
    const patterns = ['{time} login {user} from {ip}{*}']
    const { events, reader } = matched(
      patterns,
      `${time} login x from 192.0.2.66 from 192.0.2.7 ok`
    )
    expect(events).toEqual([])
    expect(reader.counters.refused).toEqual({ ambiguous: 1 })
  })

  test('lines made to take long are given up', () => {
    const patterns = ['{time} {*}a{*}a{*}a{*}a{*}a{user}b{ip}']
    const { reader } = matched(patterns, `${time} ${'a'.repeat(5000)}`)
    expect(reader.counters.refused).toEqual({ ambiguous: 1 })
  })

  test.each([
    ['{time} {user}', 'has no {ip} or {mac}'],
    ['{user} {ip}', 'has no {time}'],
    ['{time} {ip}', 'has no {user} or {mac}'],
    ['{time} {user}{*} {ip}', 'has no text between {user} and {*}'],
    ['{time} {user} {user} {ip}', 'has a placeholder twice'],
    ['{time} {name} {ip}', 'has {name}, which is no placeholder'],
    ['{time', 'has a brace that is not closed'],
    ['{time} } {user} {ip}', 'has a closing brace alone'],
    [`{time} ${'x'.repeat(600)}`, 'is longer than 500 characters'],
  ])('%s: %s', (pattern, why) => {
    expect(() => parsePattern(pattern)).toThrow(why)
  })

  test('any text is a pattern or an error in a sentence, and any line is matched or not', () => {
    const piece = fc.constantFrom(
      '{time}',
      '{user}',
      '{ip}',
      '{mac}',
      '{*}',
      ' ',
      'a',
      '{{',
      '}',
      '::'
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }),
        fc.string({ maxLength: 80 }),
        (parts, line) => {
          try {
            const { events } = matched(
              [`{time} ${parts.join('')}`],
              `${time} ${line.replaceAll('\n', '')}`
            )
            expect(events.length).toBeLessThanOrEqual(1)
          } catch (error) {
            expect(error).toMatchObject({ code: 'usage' })
          }
        }
      )
    )
  })
})

describe('tables', () => {
  test('columns by name, quotes, what happened, and other names for columns', () => {
    const text =
      '\ufeffWhen;Login;Client IP;action\n' +
      `${time};"bob; ""the"" first";192.0.2.7;login\n` +
      `${time};bob;192.0.2.8;logout\n` +
      `${time};;192.0.2.9;login\n` +
      `${time};bob;10.0.0.1x;login\n` +
      `yesterday;bob;192.0.2.7;login\n`
    const patterns = ['csv:time=When,user=Login,ip=Client IP']
    const { events, reader } = reading('logins', Buffer.from(text), { patterns })
    expect(lines(events)).toEqual([
      'start 192.0.2.7 bob; "the" first 2026-03-10T12:00:00',
      'end 192.0.2.8 bob 2026-03-10T12:00:00',
    ])
    expect(reader.counters.refused).toEqual({
      'user-missing': 1,
      'bad-address': 1,
      'time-missing': 1,
    })
  })

  test('a table without the columns, and a mapping that names none', () => {
    expect(reading('logins', 'a,b\n1,2\n').reader.counters.refused).toEqual({ 'header-unknown': 2 })
    expect(() => reading('logins', '', { patterns: ['csv:who=x'] })).toThrow('names no column')
    expect(() => reading('logins', '', { patterns: ['csv', '{time} {user} {ip}'] })).toThrow(
      'not both'
    )
  })
})
