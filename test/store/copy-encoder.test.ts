import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maxSliceUs } from '../../model/limits.ts'
import { noNetworks } from '../../model/nat-view.ts'
import { CopyEncoder } from '../../store/copy-encoder.ts'
import { flowColumns } from '../../store/flow-table.ts'
import { batchOf } from './flow-rows.ts'
import type { TestFlow } from './flow-rows.ts'

const nowUs = Date.UTC(2026, 10, 20) * 1000
const startUs = nowUs - 600e6

const plain: TestFlow = {
  source: '10.0.0.7 40000',
  destination: '198.51.100.9 443',
  postNatSource: '192.0.2.1 61284',
  startUs,
  endUs: startUs + 5e6,
}

function encode(flows: readonly TestFlow[]): CopyEncoder {
  const encoder = new CopyEncoder()
  encoder.begin(3, noNetworks, nowUs)
  encoder.append(batchOf(flows))
  encoder.finish()
  return encoder
}

/** Reads binary COPY as PostgreSQL does: every length is followed, nothing is left over. */
function rowsIn(bytes: Buffer): Record<string, Buffer>[] {
  expect(bytes.subarray(0, 11).toString('latin1')).toBe('PGCOPY\n\xff\r\n\0')
  let at = 19
  const rows: Record<string, Buffer>[] = []
  for (;;) {
    const count = bytes.readInt16BE(at)
    at += 2
    if (count === -1) break
    expect(count).toBe(flowColumns.length)
    const row: Record<string, Buffer> = {}
    for (const name of flowColumns) {
      const length = bytes.readInt32BE(at)
      // -1 is null: the row has no such value.
      if (length >= 0) row[name] = bytes.subarray(at + 4, at + 4 + length)
      at += 4 + Math.max(0, length)
    }
    rows.push(row)
  }
  expect(at).toBe(bytes.length)
  return rows
}

describe('the COPY encoder', () => {
  it('writes a translated flow', () => {
    const flow = { ...plain, id: 77n, octets: 5_000_000_000n, protocol: 17, endReason: 3, flags: 5 }
    const [row, ...others] = rowsIn(encode([flow]).bytes)
    expect(others).toEqual([])
    expect(row?.['public_key']?.readBigInt64BE()).toBe(0xc0000201_0000n + 61_284n)
    expect(row?.['start_at']?.readBigInt64BE()).toBe(BigInt(startUs) - 946_684_800_000_000n)
    expect(row?.['flow_id']?.readBigInt64BE()).toBe(77n)
    expect(row?.['octets']?.readBigInt64BE()).toBe(5_000_000_000n)
    expect(row?.['inside_port']?.readUInt16BE()).toBe(40_000)
    expect(row?.['remote_port']?.readUInt16BE()).toBe(443)
    expect(row?.['source']?.readInt16BE()).toBe(3)
    expect(row?.['protocol']?.readInt16BE()).toBe(17)
    expect(row?.['kind']?.readInt16BE()).toBe(1 + 8 * 3 + 2048 * 5)
    expect([...(row?.['inside_ip'] ?? [])]).toEqual([10, 0, 0, 7])
    expect([...(row?.['remote_ip'] ?? [])]).toEqual([198, 51, 100, 9])
    expect(row?.['extra']?.length).toBe(0)
  })

  it('writes what a flow was found to be, and null where that is not known', () => {
    const named = { ...plain, application: 'zoom', hostName: 'us04web.zoom.us' }
    // A zero octet would cost the whole COPY, and so all rows that come with it.
    const evil = { ...plain, protocolName: 't\0ls', hostName: '\0'.repeat(70_000) }
    const long = { ...plain, hostName: 'ü'.repeat(40_000) }
    const rows = rowsIn(encode([named, evil, plain, long]).bytes)
    const names = ['application', 'protocol_name', 'host_name'] as const
    expect(rows.map((row) => names.map((name) => row[name]?.toString()))).toEqual([
      ['zoom', undefined, 'us04web.zoom.us'],
      [undefined, 'tls', undefined],
      [undefined, undefined, undefined],
      [undefined, undefined, 'ü'.repeat(40_000)],
    ])
  })

  it('writes a hairpin twice, for each address it held', () => {
    const flow = { ...plain, destination: '192.0.2.5 80', postNatDestination: '10.0.0.9 8080' }
    const encoder = encode([flow])
    expect(encoder.rows).toBe(2)
    const ports = rowsIn(encoder.bytes).map((row) => row['inside_port']?.readUInt16BE())
    expect(ports).toEqual([40_000, 8080])
  })

  const bad: readonly [reason: string, flow: Partial<TestFlow>][] = [
    ['time-invalid', { startUs: Number.NaN }],
    ['time-invalid', { endUs: Infinity }],
    ['too-old', { startUs: 5, endUs: 6 }],
    ['in-future', { startUs: nowUs + 3 * 86_400e6, endUs: nowUs + 3 * 86_400e6 }],
    ['end-before-start', { endUs: startUs - 1 }],
    ['slice-too-long', { endUs: startUs + maxSliceUs + 1 }],
    ['flag-unknown', { flags: 16 }],
  ]
  it.each(bad)('refuses %s and goes on with the next', (reason, change) => {
    const encoder = encode([plain, { ...plain, ...change }, plain])
    expect(encoder.refused).toEqual({ [reason]: 1 })
    expect(rowsIn(encoder.bytes)).toHaveLength(2)
  })

  it('takes a slice of the greatest length', () => {
    expect(encode([{ ...plain, endUs: startUs + maxSliceUs }]).rows).toBe(1)
  })

  it('counts a counter beyond int8 and keeps the row', () => {
    const encoder = encode([{ ...plain, octets: 2n ** 63n }])
    expect(encoder.clampedCounters).toBe(1)
    expect(rowsIn(encoder.bytes)[0]?.['octets']?.readBigInt64BE()).toBe(2n ** 63n - 1n)
  })

  it('grows, and forgets what was sent and counted', () => {
    const encoder = new CopyEncoder()
    const batch = batchOf(Array.from({ length: 9000 }, () => plain))
    for (const flows of [9000, 9000]) {
      encoder.begin(1, noNetworks, nowUs)
      encoder.append(batch)
      encoder.finish()
      expect(encoder.rows).toBe(flows)
      expect(rowsIn(encoder.bytes)).toHaveLength(flows)
    }
    encoder.clear()
    expect(encoder.bytesUsed).toBe(0)
  })

  it('never writes what PostgreSQL cannot read', () => {
    const address = fc.constantFrom('10.0.0.1', '192.0.2.1', '2001:db8::1', 'fd00::2')
    const endpoint = fc.tuple(address, fc.nat(65_535)).map(([ip, port]) => `${ip} ${port}`)
    const time = fc.oneof(
      fc.double({ noNaN: false }),
      fc.integer({ min: startUs, max: nowUs }),
      fc.double({ min: startUs, max: nowUs, noNaN: true })
    )
    const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
    const flow = fc.record({
      source: endpoint,
      destination: endpoint,
      postNatSource: endpoint,
      postNatDestination: endpoint,
      startUs: time,
      endUs: time,
      connectionStartUs: time,
      lastPacketUs: time,
      id: u64,
      octets: u64,
      packets: u64,
      mark: fc.nat(0xffffffff),
      zone: fc.nat(0xffffffff),
      flags: fc.nat(20),
      endReason: fc.nat(255),
      protocol: fc.nat(255),
    })
    fc.assert(
      fc.property(fc.array(flow, { maxLength: 5 }), (flows) => {
        const encoder = encode(flows)
        const rows = rowsIn(encoder.bytes)
        expect(rows).toHaveLength(encoder.rows)
        for (const row of rows) {
          expect(row['kind']?.readInt16BE()).toBeGreaterThanOrEqual(0)
          expect([0, 8, 24]).toContain(row['extra']?.length)
        }
        const refused = Object.values(encoder.refused).reduce((sum, count) => sum + count, 0)
        expect(encoder.rows).toBeGreaterThanOrEqual(flows.length - refused)
      })
    )
  })
})
