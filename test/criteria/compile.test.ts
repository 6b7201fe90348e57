import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { requireAddress } from '../../model/address.ts'
import { FlowledgerError } from '../../model/errors.ts'
import { compile, flow, holds } from './flow.ts'

describe('expressions as users of Netify write them', () => {
  test.each([
    ["category == 'games';", false],
    ["app == 'zoom';", true],
    ["application == 'netify.zoom'", true],
    ['app_id == 0 || proto_id == 0;', false],
    ["protocol == 'http/s' && other_type == other_remote;", true],
    [
      "other_type == other_local && (app_category == 'voip' || protocol_category == 'voip');",
      false,
    ],
    ["local_ip == 192.168.100.22 && application == 'netify.zoom';", true],
    ['local_ip == 192.168.100.0/24;', true],
    ['other_ip == 2001:db8::/32;', true],
    ["vlan_id == 10 && (app == 'netify.twitter' or app == 'netify.instagram');", false],
    ['detection_guessed || detection_complete;', true],
    ["detected_hostname == 'rx:^us[0-9]+web\\.zoom\\.us$';", true],
    ["detected_hostname == 'us02WEB.zoom.us';", true],
    ["hostname == '*.zoom.us';", true],
    ["hostname == '*.oom.us';", false],
    ['ai:zoom', true],
    ['!ai:netify.zoom', false],
    ["pi: 'http/s'", true],
    ['ac:voip', true],
    ['pc:voip', false],
    ['!local_ip;', false],
    ['ip_protocol == 0x6 && ip_version == 4 && ip_nat == true;', true],
    ['tls_version >= 0x0303', true],
    ['ssl_cipher == 0x1301', true],
    ['fwmark == 0x10', true],
    ['local_mac == 02-00-00-00-00-01', true],
    ['origin == origin_local', true],
    ['local_ip == @office', false],
    ['local_mac == @office', true],
    ["risks == 'odd-port'", true],
  ])('%s is %s', (text, expected) => {
    expect(holds(text)).toBe(expected)
  })

  test('&& binds tighter than ||, and where Netify reads otherwise it is said', () => {
    const { matches, warnings } = compile("app == 'skype' && vlan_id == 1 || vlan_id == 10;")
    expect(matches(flow())).toBe(true)
    expect(warnings.map(({ text }) => text)).toEqual([expect.stringContaining('a && (b || c)')])
    expect(compile("(app == 'skype' && vlan_id == 1) || vlan_id == 10;").warnings).toEqual([])
    expect(compile("vlan_id == 10 || app == 'skype' && vlan_id == 1").warnings).toEqual([])
  })

  test('! takes whole comparisons and parentheses', () => {
    expect(holds("!(app == 'zoom' && vlan_id == 10)")).toBe(false)
    expect(holds("! app == 'skype'")).toBe(true)
    expect(holds("not (app == 'skype')")).toBe(true)
  })

  test('!= of a pattern means what it says', () => {
    const { matches, warnings } = compile("detected_hostname != 'rx:zoom'")
    expect(matches(flow())).toBe(false)
    expect(warnings[0]?.text).toContain('always true')
  })

  test('the last of several expressions counts', () => {
    expect(holds("vlan_id == 10; app == 'skype';")).toBe(false)
    expect(compile("vlan_id == 10; app == 'skype';").warnings).toHaveLength(1)
  })
})

describe('beyond Netify', () => {
  test.each([
    ["app in ('skype', zoom)", true],
    ['app not in (skype, teams)', true],
    ['other_port in [80, 440-450]', true],
    ['other_port in {80, 8080}', false],
    ['local_ip in (10.0.0.0/8, @office, 192.168.100.0/24)', true],
    ['time in 22:00-06:00', true],
    ['time in (08:00-12:00, 13:00-17:00)', false],
    ['time >= 22:30 && time < 24:00', true],
    ['weekday == wed', true],
    ['weekday in (sat, sun)', false],
    ['weekday == fri-mon', false],
    ['confidence >= 95', true],
    ['app == zoom # a remark', true],
  ])('%s is %s', (text, expected) => {
    expect(holds(text)).toBe(expected)
  })

  test('many prefixes are found as few are', () => {
    const list = Array.from({ length: 300 }, (_, i) => `10.${i % 256}.${i >> 8}.0/24`).join(', ')
    const local = { address: requireAddress('10.7.1.9'), port: 1 }
    expect(holds(`local_ip in (${list})`, flow({ local }))).toBe(true)
    const outside = { address: requireAddress('10.7.2.9'), port: 1 }
    expect(holds(`local_ip in (${list})`, flow({ local: outside }))).toBe(false)
  })

  test('what a flow does not have equals nothing', () => {
    const bare = flow({ application: undefined, applicationCategory: undefined, metadata: {} })
    expect(holds("detected_hostname == ''", bare)).toBe(false)
    expect(holds("detected_hostname != 'x'", bare)).toBe(true)
    expect(holds('tls_version < 0x0303', bare)).toBe(false)
    expect(holds('app == 0', bare)).toBe(true)
  })
})

describe('what cannot be read', () => {
  test.each([
    ['', '1:1', 'empty'],
    ["app == 'zom'", '1:8', 'Did you mean zoom?'],
    ["aplication == 'zoom'", '1:1', 'Did you mean application?'],
    ['app = zoom', '1:5', '=='],
    ['vlan_id == 1 & app == zoom', '1:14', '&&'],
    ["vlan_id == 10 &&\n  app == 'zoom' )", '2:17', 'semicolon'],
    ['(app == zoom', '1:13', 'parenthesis'],
    ["app == 'zoom", '1:8', 'not closed'],
    ['local_ip == 192.168.100.1/24', '1:13', 'no address'],
    ['local_ip > 10.0.0.1', '1:12', 'no order'],
    ['other_type == other_far', '1:15', 'none of'],
    ['time == 25:00', '1:9', 'time of day'],
    ['weekday == someday', '1:12', 'day of the week'],
    ['local_ip == @nowhere', '1:13', 'no group'],
    ["detected_hostname == 'rx:(a'", '1:22', 'missing closing'],
    ["detected_hostname == 'rx:a{1000}{1000}'", '1:22', 'cannot be used'],
    ["detected_hostname == 'rx:(?:[a-z]{30}x{30}y{30}){30}'", '1:22', 'large'],
    ['vlan_id == ten', '1:12', 'no number'],
    ['app in (zoom, skype', '1:20', 'not closed'],
  ])('%s: %s, %s', (text, place, reason) => {
    expect(() => compile(text)).toThrow(FlowledgerError)
    expect(() => compile(text)).toThrow(new RegExp(`^${place}: `))
    expect(() => compile(text)).toThrow(reason)
  })

  test('a name that is not known can be forgiven, and then matches nothing', () => {
    const { matches, warnings } = compile("app == 'no-such-app'", { forgivesNames: true })
    expect(matches(flow())).toBe(false)
    expect(warnings).toEqual([expect.objectContaining({ line: 1, column: 8 })])
  })

  test('depth and length are bounded', () => {
    expect(() => compile(`${'('.repeat(5000)}ip_nat${')'.repeat(5000)}`)).toThrow('100 deep')
    expect(() => compile('!'.repeat(5000) + 'ip_nat')).toThrow('100 deep')
    expect(() => compile(`ip_nat ${'|| ip_nat '.repeat(7000)}`)).toThrow('65536 letters')
    expect(() => compile(`vlan_id in (${'1,'.repeat(20_000)}1)`)).toThrow('10000 parts')
  })

  test('patterns that explode elsewhere take linear time', () => {
    const hostname = `${'a'.repeat(4000)}!`
    const evil = compile("detected_hostname == 'rx:^(a+)+$' || detected_hostname == 'rx:(x+x+)+y'")
    expect(evil.matches(flow({ metadata: { hostname } }))).toBe(false)
  })

  test('ranges beyond ASCII are few: each of their letters is looked at', () => {
    const ranges = (count: number): string =>
      `detected_hostname == 'rx:[${'0-\u{1F4A5}'.repeat(count)}]'`
    expect(compile(ranges(4)).matches(flow())).toBe(true)
    expect(() => compile(ranges(5))).toThrow('at most 4 ranges of letters beyond ASCII')
    expect(() => compile(`hostname == 'rx:[${'0-\\x{ffff}'.repeat(5)}]'`)).toThrow(
      'at most 4 ranges'
    )
  })

  test('any text is an expression or an error with a place', () => {
    const words = fc.constantFrom(
      ...`app vlan_id == != ( ) && || ! in 'zoom' 10 , ; local_ip 10.0.0.0/8 not rx: "`.split(' '),
      ...'ai:zoom time 08:00-17:00 #'.split(' '),
      '\n'
    )
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(words, { maxLength: 20 }).map((list) => list.join(' '))
    )
    fc.assert(
      fc.property(texts, (text) => {
        try {
          expect(typeof compile(text).matches(flow())).toBe('boolean')
        } catch (error) {
          expect(error).toBeInstanceOf(FlowledgerError)
          expect((error as Error).message).toMatch(/^\d+:\d+: /)
        }
      }),
      { numRuns: 300 }
    )
  })
})
