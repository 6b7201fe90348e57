import { describe, expect, test } from 'vitest'
import { readPatterns } from '../../../collector/syslog/pattern.ts'
import { readLines } from './reading.ts'

const head = '2026-03-01T12:00:00Z host '
const read = (patterns: string, lines: readonly string[]) =>
  readLines(
    lines.map((line) => head + line),
    { patterns: readPatterns(patterns) }
  )

describe('an operator’s patterns', () => {
  test('tell sessions, bindings, blocks and notices', () => {
    const { events } = read(
      `begin: natd add {protocol} {inside}:{inside_port} -> {outside}:{outside_port} to {remote}:{remote_port}
begin: natd map {inside}:{inside_port} {outside}:{outside_port}
end: natd block {inside} had {outside} {port_start}-{port_end} pool {pool}, {*}.
quota: natd limit
pass: natd alive`,
      [
        'natd add tcp 10.0.0.5:1 -> 192.0.2.1:2 to 203.0.113.7:3',
        'natd map 2001:db8::5 10',
        'natd block 10.0.0.5 had 192.0.2.1 1024-1151 pool a b, for ever.',
        'natd limit reached',
        'natd alive',
      ]
    )
    expect(events).toMatchObject([
      { natEvent: 4, protocol: 6, inside: '10.0.0.5 1', remote: '203.0.113.7 3' },
      { natEvent: 17, portStart: 1024, portEnd: 1151, pool: 'a b' },
      { natEvent: 13 },
    ])
  })

  test('go before the vendors, and a line that they do not match is left to these', () => {
    const patterns = 'begin: A VRF {vrf} X {inside} {outside}'
    const { events } = read(patterns, ['A VRF 0 6 INT 10.0.0.5:1 EXT 192.0.2.1:2'])
    expect(events).toMatchObject([{ natEvent: 8 }])
  })

  test('take no longer for lines made to hurt', () => {
    const patterns = `begin: x ${'{*}a'.repeat(20)} {inside} {outside}`
    const { source } = read(patterns, [`x ${'a'.repeat(8000)}`])
    expect(source.counters.unknown).toBe(1)
  })

  test.each([
    ['start: x {inside} {outside}', /begin with one of/],
    ['begin: {inside} {outside}', /does not begin with text/],
    ['begin: x {inside}{outside}', /no text between/],
    ['begin: x {inside} {inside} {outside}', /twice/],
    ['begin: x {inside}', /needs \{inside\} and \{outside\}/],
    ['begin: x {inside} {outside} {port_start}', /needs both/],
    ['begin: x {who}', /no placeholder/],
    [`begin: ${'x'.repeat(2000)}`, /too long/],
  ])('%s is refused', (pattern, why) => {
    expect(() => readPatterns(pattern)).toThrow(why)
  })
})
