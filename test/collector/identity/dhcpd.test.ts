import { describe, expect, test } from 'vitest'
import { lines, reading } from './reading.ts'

const block = (...statements: string[]): string =>
  `lease 192.0.2.7 {\n${statements.map((each) => `  ${each}\n`).join('')}}\n`
const mac = 'hardware ethernet 02:00:00:00:00:01;'
const hour = ['starts 2 2026/03/10 12:00:00;', 'ends 2 2026/03/10 13:00:00;']
const held = (...more: string[]): string => block(...hour, 'binding state active;', mac, ...more)

const start = 'start 192.0.2.7 02:00:00:00:00:01 2026-03-10T12:00:00'

describe('IPv4 leases', () => {
  test('every block counts, not the last one alone', () => {
    const later = held().replace('12:00:00', '12:30:00')
    const free = held().replace('active', 'free').replace('13:00:00', '12:40:00')
    expect(lines(reading('dhcpd', held() + later + free).events)).toEqual([
      `${start} until 2026-03-10T13:00:00`,
      'start 192.0.2.7 02:00:00:00:00:01 2026-03-10T12:30:00 until 2026-03-10T13:00:00',
      'end 192.0.2.7 02:00:00:00:00:01 2026-03-10T12:40:00 from 2026-03-10T12:00:00',
    ])
  })

  test.each(['free', 'expired', 'released', 'backup', 'reset'])(
    '%s is no holder: it ends what the client had that it still names',
    (state) => {
      const { events } = reading('dhcpd', held().replace('active', state))
      expect(lines(events)).toEqual([
        'end 192.0.2.7 02:00:00:00:00:01 2026-03-10T13:00:00 from 2026-03-10T12:00:00',
      ])
      const nobody = block(...hour, `binding state ${state};`)
      expect(reading('dhcpd', nobody).reader.counters.passed).toEqual({ idle: 1 })
    }
  )

  test('abandoned names nobody, and ends what the last client had', () => {
    const given = held() + block('ends 2 2026/03/10 12:05:00;', 'binding state abandoned;')
    expect(lines(reading('dhcpd', given).events)[1]).toBe(
      'end 192.0.2.7 02:00:00:00:00:01 2026-03-10T12:05:00 sure 2026-03-10T12:00:00'
    )
    const alone = reading('dhcpd', block(...hour, 'binding state abandoned;', mac))
    expect(alone.events).toEqual([])
    expect(alone.reader.counters.passed).toEqual({ abandoned: 1 })
  })

  test('the form of 2002: no state means active, unless abandoned; octets without quotes', () => {
    const old = block(...hour, mac, 'uid 01:02:0:0:0:0:1;', 'client-hostname "x";')
    const { events } = reading('dhcpd', old)
    expect(lines(events)).toEqual([`${start} until 2026-03-10T13:00:00`])
    expect(events[0]?.device).toMatchObject({ clientId: '01020000000001', hostname: 'x' })
    expect(reading('dhcpd', block(...hour, mac, 'abandoned;')).events).toEqual([])
  })

  test('a block of which something could not be read tells nothing: that may have been its state', () => {
    const lost = block(...hour, 'b\0\0ding state free', mac)
    expect(reading('dhcpd', lost).reader.counters.refused).toEqual({ malformed: 1 })
    const odd = block(...hour, 'bynding state free;', mac)
    expect(reading('dhcpd', odd).reader.counters.refused).toEqual({ 'state-missing': 1 })
  })

  test('never, epoch with its comment, and strings that hold what ends a statement', () => {
    const text = block(
      'starts epoch 1773144000; # Tue Mar 10 13:00:00 2026',
      'ends never;',
      'cltt epoch 1773144600; # another time altogether',
      'binding state active;',
      mac,
      'uid "\\001a\\"};{#";',
      'set vendor-class-identifier = "}\\\\";'
    )
    const { events } = reading('dhcpd', text)
    expect(lines(events)).toEqual([
      `${start} until never`,
      'alive 192.0.2.7 02:00:00:00:00:01 2026-03-10T12:10:00 from 2026-03-10T12:00:00 until never',
    ])
    expect(events[0]?.device.clientId).toBe(Buffer.from('\u0001a"};{#').toString('hex'))
  })

  test('relay agent information: text, or octets in hexadecimal', () => {
    const { events } = reading(
      'dhcpd',
      held('option agent.circuit-id "ge-0/0/1";', 'option agent.remote-id 0:1:ff;')
    )
    expect(events[0]?.device).toMatchObject({ circuitId: 'ge-0/0/1', remoteId: '0x0001ff' })
  })

  test.each([
    [
      'contradictory',
      block(
        'starts 2 2026/03/10 12:00:00;',
        'ends 2 2026/03/10 11:00:00;',
        'binding state active;',
        mac
      ),
    ],
    ['client-missing', block(...hour, 'binding state active;')],
    ['time-invalid', held().replace('03/10', '13/10')],
    ['time-invalid', held().replace('12:00:00', '12:00:00 -3600')],
    ['state-unknown', held().replace('active', 'wonderful')],
    ['bad-address', held().replace('192.0.2.7', '192.0.2.07')],
    ['bad-address', held().replace('192.0.2.7', '192.0.2.256')],
  ])('refused: %s', (reason, text) => {
    const { events, reader } = reading('dhcpd', text)
    expect(events).toEqual([])
    expect(reader.counters.refused).toEqual({ [reason]: 1 })
  })

  test('a block within another ends that one, and failover states are passed over', () => {
    const cut = held().slice(0, held().indexOf('  hardware'))
    const failover = 'failover peer "a" state {\n  my state normal at 2 2026/03/10 12:00:00;\n}\n'
    const other = held().replace('192.0.2.7', '192.0.2.8')
    const { events, reader } = reading('dhcpd', cut + other + failover)
    expect(lines(events)).toEqual([`${start.replace('.7', '.8')} until 2026-03-10T13:00:00`])
    expect(reader.counters).toMatchObject({ refused: { cut: 1 }, passed: { 'other-block': 1 } })
    expect(reader.counters.firstRefused).toBe('file:1')
  })

  test('actions in braces are passed over', () => {
    const text = held('on expiry {', '  set a = "x";', '  if 1 = 1 {', '  }', '}')
    expect(reading('dhcpd', text).events).toHaveLength(1)
  })
})

describe('IPv6', () => {
  const ia = (kind: string, body: string): string =>
    `${kind} "\\001\\002\\003\\004\\000\\003\\000\\001zz" {\n  cltt 2 2026/03/10 12:00:00;\n${body}}\n`
  const address = (state: string, name = 'iaaddr 2001:db8::7'): string =>
    `  ${name} {\n    binding state ${state};\n    max-life 600;\n    ends 2 2026/03/10 12:10:00;\n  }\n`

  test('addresses and prefixes, by DUID, several in one association', () => {
    const both = ia('ia-na', address('active') + address('active', 'iaaddr 2001:db8::8'))
    const { events } = reading(
      'dhcpd',
      both + ia('ia-pd', address('active', 'iaprefix 2001:db8:1::/56'))
    )
    expect(lines(events)).toEqual([
      'alive 2001:db8::7 000300017a7a 2026-03-10T12:00:00 until 2026-03-10T12:10:00',
      'alive 2001:db8::8 000300017a7a 2026-03-10T12:00:00 until 2026-03-10T12:10:00',
      'alive 2001:db8:1::/56 000300017a7a 2026-03-10T12:00:00 until 2026-03-10T12:10:00',
    ])
    expect(events.map(({ kind }) => kind)).toEqual(['lease', 'lease', 'delegation'])
    expect(events[0]?.key).toContain('01020304')
  })

  test('released: it ended some time between what was last heard and what was promised', () => {
    expect(lines(reading('dhcpd', ia('ia-na', address('released'))).events)).toEqual([
      'end 2001:db8::7 000300017a7a 2026-03-10T12:10:00 sure 2026-03-10T12:00:00',
    ])
    expect(reading('dhcpd', ia('ia-na', address('abandoned'))).events).toEqual([])
  })

  test('without a lifetime that can be read nothing is told', () => {
    const text = ia('ia-na', '  iaaddr 2001:db8::7 {\n    binding state active;\n  }\n')
    expect(reading('dhcpd', text).reader.counters.refused).toEqual({ 'end-missing': 1 })
  })
})
