import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { LineReader } from '../../../collector/conntrack/text-line.ts'
import { formatAddress } from '../../../model/address.ts'

const line2010 =
  '[DESTROY] tcp 6 src=10.16.207.250 dst=74.125.79.104 sport=50140 dport=80 packets=7 bytes=2006 ' +
  'src=74.125.79.104 dst=192.76.7.253 sport=80 dport=61284 packets=7 bytes=4083'
const line2020 =
  '[DESTROY] icmp     1 src=192.168.88.62 dst=8.8.4.4 type=8 code=0 id=21886 packets=1 bytes=84 ' +
  'src=8.8.4.4 dst=192.168.88.62 type=0 code=0 id=21886 packets=1 bytes=84 mark=256'

function ip(words: Uint32Array): string {
  const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = words
  return formatAddress(w0, w1, w2, w3)
}

/** What a line says, as an object; a string where it gives no event. */
function parse(line: string) {
  const reader = new LineReader()
  const reason = reader.read(line)
  if (reason !== undefined) return reason
  const { columns: c } = reader.entry.row
  return {
    kind: reader.kind,
    timeUs: reader.timeUs,
    protocol: c.protocolIdentifier[0],
    source: `${ip(c.sourceAddress)} ${c.sourceTransportPort[0]}`,
    destination: `${ip(c.destinationAddress)} ${c.destinationTransportPort[0]}`,
    postNatSource: `${ip(c.postNatSourceAddress)} ${c.postNaptSourceTransportPort[0]}`,
    postNatDestination: `${ip(c.postNatDestinationAddress)} ${c.postNaptDestinationTransportPort[0]}`,
    icmp: c.icmpTypeCode[0],
    zone: c.ingressVrfId[0],
    mark: c.conntrackMark[0],
    id: c.conntrackId[0],
    octets: [c.octetDeltaCount[0], c.reverseOctetDeltaCount[0]],
    packets: [c.packetDeltaCount[0], c.reversePacketDeltaCount[0]],
    unknown: Object.fromEntries(reader.unknown),
  }
}

const bare = { timeUs: 0, icmp: 0, zone: 0, mark: 0, id: 0, unknown: {} }

describe('documented lines', () => {
  test('2010: no time, no timeout, counters', () => {
    expect(parse(line2010)).toEqual({
      ...bare,
      kind: 'destroy',
      protocol: 6,
      source: '10.16.207.250 50140',
      destination: '74.125.79.104 80',
      postNatSource: '192.76.7.253 61284',
      postNatDestination: '74.125.79.104 80',
      octets: [2006, 4083],
      packets: [7, 7],
    })
  })

  test('2020: ICMP with a mark', () => {
    expect(parse(line2020)).toEqual({
      ...bare,
      kind: 'destroy',
      protocol: 1,
      source: '192.168.88.62 21886',
      destination: '8.8.4.4 0',
      postNatSource: '192.168.88.62 21886',
      postNatDestination: '8.8.4.4 0',
      icmp: 2048,
      mark: 256,
      octets: [84, 84],
      packets: [1, 1],
    })
  })
})

function recorded(name: string): string[] {
  const url = new URL(`./recorded/${name}`, import.meta.url)
  return readFileSync(url, 'latin1').split('\n').slice(0, -1)
}

function census(name: string): { outcomes: Record<string, number>; unknown: object } {
  const reader = new LineReader()
  const outcomes: Record<string, number> = {}
  for (const line of recorded(name)) {
    const outcome = reader.read(line) ?? reader.kind
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  }
  return { outcomes, unknown: Object.fromEntries(reader.unknown) }
}

const tuples = (name: string): string[] =>
  recorded(name).map((line) => {
    const parsed = parse(line)
    if (typeof parsed === 'string') return parsed
    const { kind, protocol, source, destination, postNatSource, postNatDestination } = parsed
    return [kind, protocol, source, destination, postNatSource, postNatDestination].join(' ')
  })

const from = (name: string, part: string): object => {
  const found = parse(recorded(name).find((line) => line.includes(part)) ?? '')
  return typeof found === 'string' ? { found } : found
}

describe('what conntrack 1.4.7 and Linux 6.18 print', () => {
  const all = { new: 29, update: 27, destroy: 29 }
  test.each([
    ['events-plain.txt', all],
    ['events-timestamp-id.txt', all],
    ['events-timestamp-userspace.txt', all],
    ['events-all-options.txt', all],
    ['events-udplite-ftp.txt', { new: 4, update: 5, destroy: 3 }],
    ['list-plain.txt', { sighting: 32 }],
    ['list-all-options.txt', { sighting: 32 }],
    ['proc-nf-conntrack.txt', { sighting: 29 }],
    ['expectations.txt', { expectation: 3 }],
    ['list-xml.txt', { 'xml-form': 4 }],
    ['list-save.txt', { 'save-form': 3 }],
  ])('%s: every line is known, to the last field', (name, outcomes) => {
    expect(census(name)).toEqual({ outcomes, unknown: {} })
  })

  test('the options change nothing of the tuples', () => {
    const plain = tuples('events-plain.txt').sort()
    expect(new Set(plain).size).toBeGreaterThan(50)
    expect(tuples('events-all-options.txt').sort()).toEqual(plain)
    expect(tuples('events-timestamp-id.txt').sort()).toEqual(plain)
  })

  test('an ICMP identifier that was translated, beside the id of the entry', () => {
    const line = recorded('events-all-options.txt').find((one) => one.includes('type=8'))
    expect(parse(line ?? '')).toEqual({
      kind: 'new',
      timeUs: 1795192002381008,
      protocol: 1,
      source: '10.9.0.2 9666',
      destination: '203.0.113.9 0',
      postNatSource: '203.0.113.1 17430',
      postNatDestination: '203.0.113.9 0',
      icmp: 2048,
      zone: 0,
      mark: 256,
      id: 3700218019,
      octets: [0, 0],
      packets: [0, 0],
      unknown: {},
    })
  })

  test('GRE keys stand for ports, ICMPv6 and zones are read, both spellings of IPv6 are one', () => {
    expect(from('proc-nf-conntrack.txt', 'stream_timeout=180')).toMatchObject({
      protocol: 47,
      source: '10.9.0.2 0',
      destination: '203.0.113.9 4660',
      postNatDestination: '203.0.113.9 4660',
    })
    expect(from('events-plain.txt', 'zone=5')).toMatchObject({ zone: 5 })
    expect(from('events-plain.txt', 'zone-orig=9')).toMatchObject({ zone: 9 })
    expect(from('events-plain.txt', 'zone-reply=9')).toMatchObject({ zone: 0 })
    expect(from('proc-nf-conntrack.txt', 'icmpv6')).toMatchObject({
      protocol: 58,
      source: 'fd00:9::2 9667',
      destination: '2001:db8:1::9 0',
      icmp: 32768,
    })
  })
})

const udp =
  'udp 17 30 src=10.0.0.1 dst=192.0.2.9 sport=1000 dport=53 [UNREPLIED] ' +
  'src=192.0.2.9 dst=198.51.100.1 sport=53 dport=2000 mark=0'

describe('refused', () => {
  test.each([
    ['a leading zero', udp.replace('10.0.0.1', '010.0.0.1'), 'bad-address'],
    ['a name', udp.replace('10.0.0.1', 'gw.example'), 'bad-address'],
    ['an empty address', udp.replace('10.0.0.1', ''), 'bad-address'],
    ['a port above 65535', udp.replace('2000', '65536'), 'bad-port'],
    ['a negative port', udp.replace('2000', '-1'), 'bad-port'],
    ['a port with a letter', udp.replace('2000', '2000a'), 'bad-port'],
    ['a mark of 2^32', udp.replace('mark=0', 'mark=4294967296'), 'bad-number'],
    ['a counter of 2^64', `${udp} packets=18446744073709551616`, 'bad-number'],
    ['a protocol above 255', udp.replace('17', '256'), 'bad-protocol'],
    ['a protocol that its name denies', udp.replace('17', '6'), 'bad-protocol'],
    ['no reply', udp.slice(0, udp.indexOf(' [')), 'no-tuple'],
    ['no port', udp.replace('dport=2000 ', ''), 'no-port'],
    ['one family each way', udp.replace('dst=198.51.100.1', 'dst=2001:db8::1'), 'mixed-families'],
    ['two lines in one', `${udp} ${udp}`, 'duplicate-key'],
    ['two marks', `${udp} mark=1`, 'duplicate-key'],
    ['an unknown event', `[GONE] ${udp}`, 'not-conntrack'],
    ['a bracket left open', `${udp} [ASSURED`, 'not-conntrack'],
    ['prose', 'the quick brown fox', 'not-conntrack'],
    ['a short fraction', `[1363698567.98] ${udp}`, 'bad-time'],
    ['a time before 1990', `[0000000001.000000] ${udp}`, 'bad-time'],
    ['a time without an end', `[1363698567.987654 ${udp}`, 'bad-time'],
  ])('%s', (_, line, reason) => {
    expect(parse(udp)).toMatchObject({ kind: 'sighting' })
    expect(parse(line)).toBe(reason)
  })
})

const at = (text: string): unknown => {
  const parsed = parse(`[${text}] ${udp}`)
  return typeof parsed === 'string' ? parsed : parsed.timeUs
}

describe('tolerated', () => {
  test('unknown fields, flags and words are counted by name', () => {
    const line = `${udp} color=blue [SHINY] [HW_OFFLOAD] [OFFLOAD] secctx=system_u:object_r:x:s0 hello`
    expect(parse(line)).toMatchObject({ unknown: { 'color=': 1, '[SHINY]': 1, hello: 1 } })
  })

  test('the names that are counted are bounded', () => {
    const reader = new LineReader()
    for (let i = 0; i < 500; i++) reader.read(`${udp} key${i}=1`)
    expect(reader.unknown.size).toBe(51)
    expect([...reader.unknown.values()].reduce((sum, count) => sum + count)).toBe(500)
  })

  test('a process that is named after fields changes nothing', () => {
    const line = `${udp} [USERSPACE] portid=7 progname=x mark=9 src=1.2.3.4 [NEW]`
    expect(parse(line)).toMatchObject({ mark: 0, source: '10.0.0.1 1000', unknown: {} })
  })

  test('microseconds of old releases are a number filled up with spaces', () => {
    expect(at('1363698567.987654')).toBe(1363698567987654)
    expect(at('1363698567.4530  ')).toBe(1363698567004530)
    expect(at('1363698567.004530')).toBe(1363698567004530)
  })

  test('counters up to 2^64 - 1 are exact', () => {
    const reader = new LineReader()
    reader.read(udp.replace('[UNREPLIED]', 'packets=9007199254740993 bytes=18446744073709551615'))
    const { packetDeltaCount, octetDeltaCount } = reader.entry.row.columns
    expect([...packetDeltaCount]).toEqual([1, 2097152])
    expect([...octetDeltaCount]).toEqual([4294967295, 4294967295])
  })

  test('nothing of a line stays for the next', () => {
    const reader = new LineReader()
    reader.read(`[1363698567.987654] [NEW] ${line2010.slice(10)} [ASSURED] mark=7 id=9 zone=3`)
    reader.read(udp)
    expect(reader.assured).toBe(false)
    expect(reader.timeUs).toBe(0)
    const { columns: c } = reader.entry.row
    expect([c.conntrackMark[0], c.conntrackId[0], c.ingressVrfId[0]]).toEqual([0, 0, 0])
    expect([...c.octetDeltaCount, ...c.reversePacketDeltaCount]).toEqual([0, 0, 0, 0])
  })
})

test('summaries and empty lines are no damage', () => {
  expect(parse('conntrack v1.4.7 (conntrack-tools): 2 flow entries have been shown.')).toBe(
    'summary'
  )
  expect(parse('')).toBe('blank')
  expect(parse(' \t\r')).toBe('blank')
  expect(parse(`${udp}\r`)).toMatchObject({ kind: 'sighting' })
})

const complete = (line: string): boolean => {
  const reader = new LineReader()
  return reader.read(line) === undefined && reader.tupleComplete
}

test('a tuple that may be cut short is not complete', () => {
  expect(complete(udp)).toBe(true)
  expect(complete(udp.replace(' mark=0', ''))).toBe(false)
  expect(complete(line2010)).toBe(true)
  expect(complete(line2020.slice(0, line2020.lastIndexOf(' packets')))).toBe(false)
})
