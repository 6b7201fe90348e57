import { describe, expect, test } from 'vitest'
import { formatWords, requireAddress } from '../../model/address.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import type { TestFlow } from '../store/flow-rows.ts'
import { bootUs, encode, exportUs } from './encoding.ts'
import { baseUs, batchWith, shapes } from './flows.ts'
import { numberOf } from './reading.ts'

const number = (record: ReadonlyMap<string, Buffer>, key: string): bigint =>
  numberOf(record.get(key))

function address(record: ReadonlyMap<string, Buffer>, v4: string, v6: string): string {
  const octets = record.get(v4) ?? record.get(v6)
  if (octets === undefined) throw new Error(`neither ${v4} nor ${v6}`)
  if (octets.length === 4) return [...octets].join('.')
  const words = [0, 4, 8, 12].map((at) => octets.readUInt32BE(at))
  return formatWords(words as unknown as readonly [number, number, number, number])
}

/** What the record of a flow in both directions holds, as text. */
function readBiflow(record: ReadonlyMap<string, Buffer>) {
  return {
    source: `${address(record, '8', '27')} ${number(record, '7')}`,
    destination: `${address(record, '12', '28')} ${number(record, '11')}`,
    postNatSource: `${address(record, '225', '281')} ${number(record, '227')}`,
    postNatDestination: `${address(record, '226', '282')} ${number(record, '228')}`,
    protocol: Number(number(record, '4')),
    octets: number(record, '1'),
    packets: number(record, '2'),
    reverseOctets: number(record, '29305.1'),
    reversePackets: number(record, '29305.2'),
    conntrackId: Number(number(record, '21373.6')),
    mark: Number(number(record, '21373.4')),
    zone: Number(number(record, '234')),
    id: number(record, '148'),
    endReason: Number(number(record, '136')),
  }
}

function written(flow: TestFlow, index: number) {
  const { source, destination } = flow
  const canonical = (end: string): string => {
    const [ip = '', port = ''] = end.split(' ')
    return `${formatWords(requireAddress(ip))} ${port}`
  }
  return {
    source: canonical(source),
    destination: canonical(destination),
    postNatSource: canonical(flow.postNatSource ?? source),
    postNatDestination: canonical(flow.postNatDestination ?? destination),
    protocol: flow.protocol ?? 6,
    octets: flow.octets ?? 0n,
    packets: flow.packets ?? 0n,
    reverseOctets: flow.reverseOctets ?? 0n,
    reversePackets: flow.reversePackets ?? 0n,
    conntrackId: flow.conntrackId ?? 0,
    mark: flow.mark ?? 0,
    zone: flow.zone ?? 0,
    id: flow.id ?? BigInt(index + 1),
    endReason: flow.endReason ?? 0,
  }
}

const byId = <T extends { id: bigint }>(list: readonly T[]): T[] =>
  list.toSorted((a, b) => (a.id < b.id ? -1 : 1))

describe('IPFIX', () => {
  test('holds every field of every shape, both directions in a record', () => {
    const { records, counters } = encode({ options: [] }, [batchWith(shapes, [])])
    expect(byId(records.map(readBiflow))).toEqual(byId(shapes.map(written)))
    for (const record of records) expect(number(record, '239')).toBe(1n)
    expect(counters).toMatchObject({ records: shapes.length, unsent: {}, messages: 1 })
  })

  test('times are exact in milliseconds, and in microseconds however they are rounded', () => {
    const flows = Array.from({ length: 997 }, (_, i) => ({
      ...(shapes[0] as TestFlow),
      startUs: baseUs + i * 1003 + 1,
      endUs: baseUs + 999_999 - i,
      id: BigInt(i),
    }))
    const batch = batchWith(flows, [])
    const ms = encode({ options: [] }, [batch]).records
    const us = encode({ options: [], times: 'microseconds' }, [batch]).records
    for (const [i, flow] of flows.entries()) {
      expect(number(ms[i] ?? new Map(), '152')).toBe(BigInt(Math.floor(flow.startUs / 1000)))
      expect(number(ms[i] ?? new Map(), '153')).toBe(BigInt(Math.floor(flow.endUs / 1000)))
      const ntp = us[i]?.get('154') ?? Buffer.alloc(8)
      const fraction = ntp.readUInt32BE(4)
      expect(fraction % 2048).toBe(0)
      const rest = (fraction * 1e6) / 2 ** 32
      const seconds = ntp.readUInt32BE(0) - 2_208_988_800
      expect(seconds * 1e6 + Math.floor(rest)).toBe(flow.startUs)
      expect(seconds * 1e6 + Math.round(rest)).toBe(flow.startUs)
    }
  })

  test('two uniflows are what the wire had, before and after translation', () => {
    const { records } = encode({ options: [], directions: 'uniflows' }, [
      batchWith(shapes.slice(0, 1), []),
    ])
    const seen = records.map((record) => ({
      from: `${address(record, '8', '27')} ${number(record, '7')}`,
      to: `${address(record, '12', '28')} ${number(record, '11')}`,
      after: `${address(record, '225', '281')} ${number(record, '227')}`,
      afterTo: `${address(record, '226', '282')} ${number(record, '228')}`,
      packets: number(record, '2'),
    }))
    expect(seen).toEqual([
      {
        from: '10.0.0.7 40000',
        to: '198.51.100.9 443',
        after: '192.0.2.1 61284',
        afterTo: '198.51.100.9 443',
        packets: 4n,
      },
      {
        from: '198.51.100.9 443',
        to: '192.0.2.1 61284',
        after: '198.51.100.9 443',
        afterTo: '10.0.0.7 40000',
        packets: 6n,
      },
    ])
  })

  test('the sequence counts every data record, those of options too', () => {
    const batches = [batchWith(shapes, []), batchWith(shapes, ['tcpControlBits'])]
    const many = Array.from({ length: 40 }, (_, i) => batches[i % 2] as FlowBatch)
    const { messages, counters, reader } = encode({}, many)
    let expected = 0
    for (const { sequence, records, options } of messages) {
      expect(sequence).toBe(expected)
      expected += records.length + options.length
    }
    expect(messages.length).toBeGreaterThan(10)
    expect(reader.lost).toBe(0)
    expect(expected).toBe(counters.records + counters.optionRecords)
  })

  test('messages are as full as records allow, and never longer than the packet', () => {
    const flows = Array.from({ length: 500 }, () => shapes[0] as TestFlow)
    const { raw, records } = encode({ options: [] }, [batchWith(flows, [])])
    expect(records).toHaveLength(500)
    expect(Math.max(...raw.map(({ length }) => length))).toBeLessThanOrEqual(1472)
    for (const message of raw.slice(1, -1)) expect(message.length).toBeGreaterThan(1472 - 100)
  })

  test.each([0, 1, 254, 255, 256, 1000, 65_535])('a text of %i octets', (octets) => {
    const name = 'é'.repeat(octets >> 1) + 'x'.repeat(octets & 1)
    const batch = batchWith(shapes.slice(0, 2), ['hostName', 'ja4'], ({ extras, texts }, row) => {
      if (extras.hostName) extras.hostName[row] = row === 0 ? texts.numberOf(name) : 0
      if (extras.ja4) extras.ja4[row] = texts.numberOf('t13d1516h2_8daaf6152771_e5627efa2ab1')
    })
    for (const slotBytes of [1472, 65_535]) {
      const { records, counters } = encode({ options: [] }, [batch], { slotBytes })
      const host = records[0]?.get('35632.188')?.toString('utf8') ?? ''
      const fits = octets < slotBytes - 400
      expect(host === name).toBe(fits)
      expect(name.startsWith(host)).toBe(true)
      expect(host.length).toBeGreaterThanOrEqual(Math.min(name.length, (slotBytes - 400) >> 1))
      expect(counters.cutTexts).toBe(fits ? 0 : 1)
      // Short texts of the same record stay whole, and the other record is as it was.
      expect(records[0]?.get('35632.576')?.toString()).toBe('t13d1516h2_8daaf6152771_e5627efa2ab1')
      expect(records[1]?.get('35632.188')?.length).toBe(0)
    }
  })

  test('only the fields that are asked for', () => {
    const fields = ['destinationAddress', 'octetDeltaCount', 'hostName', 'sliceFlags']
    const { records } = encode({ options: [], fields, directions: 'forward' }, [
      batchWith(shapes.slice(0, 1), []),
    ])
    expect(records.map((record) => [...record.keys()])).toEqual([['12', '1']])
    const none = encode({ options: [], fields: ['hostName'] }, [batchWith(shapes, [])])
    expect(none.counters.unsent).toEqual({ 'no-fields': shapes.length })
  })
})

describe('NetFlow 9', () => {
  test('times in SysUptime are exact to the millisecond and never after their packet', () => {
    const { messages, records } = encode({ protocol: 'netflow9', options: [] }, [
      batchWith(shapes, []),
    ])
    const [message] = messages
    const boot = BigInt((message?.exportSeconds ?? 0) * 1000 - (message?.uptimeMs ?? 0))
    expect(boot).toBe(BigInt(bootUs / 1000))
    for (const record of records) {
      expect(number(record, '21')).toBeLessThanOrEqual(BigInt(message?.uptimeMs ?? 0))
    }
    const starts = new Set(records.map((record) => boot + number(record, '22')))
    expect(starts).toEqual(new Set(shapes.map(({ startUs }) => BigInt(Math.floor(startUs / 1000)))))
  })

  test('the sequence counts packets, the header records, and sets end at four octets', () => {
    const many = Array.from({ length: 60 }, () => batchWith(shapes, []))
    const { messages, raw, reader } = encode({ protocol: 'netflow9' }, many)
    for (const [index, message] of messages.entries()) {
      expect(message.sequence).toBe(index)
      expect(message.count).toBe(
        message.templates + message.records.length + message.options.length
      )
      expect((raw[index]?.length ?? 0) % 4).toBe(0)
      expect(raw[index]?.length).toBeLessThanOrEqual(1472)
    }
    expect(reader.lost).toBe(0)
  })

  test('enterprises have their types of NetFlow 9, or none', () => {
    const batch = batchWith(shapes.slice(0, 1), ['hostName'], ({ extras, texts }, row) => {
      if (extras.hostName) extras.hostName[row] = texts.numberOf(`${'ä'.repeat(40)}.example`)
    })
    const { records } = encode({ protocol: 'netflow9', options: [] }, [batch])
    const host = records[0]?.get('57660')
    expect(host?.length).toBe(64)
    expect(host?.toString('utf8')).toBe('ä'.repeat(32))
    expect([...(records[0]?.keys() ?? [])]).not.toContain('4.21373')
  })
})

describe('NetFlow 5', () => {
  test('one record for each view of a connection, and IPv6 is counted', () => {
    const { records, counters, messages } = encode({ protocol: 'netflow5' }, [
      batchWith(shapes, []),
    ])
    const seen = records.map(
      (record) =>
        `${address(record, '8', '')} ${number(record, '7')} > ` +
        `${address(record, '12', '')} ${number(record, '11')}`
    )
    expect(seen.toSorted()).toEqual(
      [
        '10.0.0.7 40000 > 198.51.100.9 443',
        '192.0.2.1 61284 > 198.51.100.9 443',
        '203.0.113.5 5555 > 192.0.2.1 80',
        '203.0.113.5 5555 > 10.0.0.8 8080',
        '10.0.0.1 1 > 10.0.0.2 2',
        // The world's view of a NAT64 connection is IPv4.
        '192.0.2.1 2048 > 198.51.100.9 443',
        '10.0.0.9 0 > 198.51.100.9 2048',
        '192.0.2.1 0 > 198.51.100.9 2048',
      ].toSorted()
    )
    expect(counters.unsent).toEqual({ 'ipv6-in-netflow5': 2 })
    // A counter past 32 bits stands as the highest value.
    const octets = records.map((record) => number(record, '1'))
    expect(octets.filter((value) => value === 0xffffffffn)).toHaveLength(2)
    const [message] = messages
    expect(message?.exportSeconds).toBe(Math.floor(exportUs / 1e6))
  })

  test('the sequence counts flows, thirty to a packet', () => {
    const flows = Array.from({ length: 100 }, () => shapes[0] as TestFlow)
    const { messages } = encode({ protocol: 'netflow5' }, [batchWith(flows, [])])
    let expected = 0
    for (const { sequence, records } of messages) {
      expect(sequence).toBe(expected)
      expected += records.length
      expect(records.length).toBeLessThanOrEqual(30)
    }
    expect(expected).toBe(200)
    expect(messages).toHaveLength(7)
  })
})
