import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { embeddedPostgresMissing, programMissing, skipUnless } from '../../skip.ts'
import { openServer } from '../../../store/database.ts'
import type { DatabaseServer } from '../../../store/database.ts'
import { tshark, withNfcapd } from '../../oracle/collect.ts'
import { recordsOf } from '../../oracle/tshark-records.ts'
import { Reader, splitIpfix } from '../../exporter/reading.ts'
import {
  connections,
  endMs,
  eventsOf,
  isIcmp,
  isSame,
  isV4,
  numbers,
  startMs,
} from '../export/connections.ts'
import type { Connection } from '../export/connections.ts'
import { runFlowledger, startFlowledger } from '../run-flowledger.ts'

/** The ledger replayed in each format, and each output read by a program that others wrote. */

const folder = mkdtempSync(join(tmpdir(), 'flowledger-export-'))
const common = ['--data-dir', join(folder, 'data')]
const time = ['--from', '2013-03-19T13:00:00Z', '--to', '2013-03-19T14:00:00Z']

const run = (format: string, ...more: readonly string[]) =>
  runFlowledger(['export', '--format', format, ...time, ...more, ...common])

/** Standard output as octets. */
function exportOctets(format: string, ...more: readonly string[]): Promise<Buffer> {
  const child = startFlowledger(['export', '--format', format, ...time, ...more, ...common])
  const parts: Buffer[] = []
  child.stdout?.on('data', (part: Buffer) => parts.push(part))
  return new Promise((resolve) => child.on('close', () => resolve(Buffer.concat(parts))))
}

/** `source:port > destination:port as source:port > destination:port`, and what was counted. */
function shown(
  ends: readonly (string | number | undefined)[],
  counts: readonly (string | number | bigint | undefined)[]
): string {
  return `${ends.join(' ')} | ${counts.join(' ')}`
}

const wanted = connections.map(({ original, reply, protocol, counts }, index) =>
  shown(
    [...original, reply[2], reply[3], reply[0], reply[1], numbers[protocol]],
    [...counts, startMs(index), endMs(index)]
  )
)

describe.skipIf(skipUnless('postgres', embeddedPostgresMissing()))('export', () => {
  let server: DatabaseServer | undefined
  beforeAll(async () => {
    // As root the embedded server runs as a user of its own, who has to get to its directory.
    chmodSync(folder, 0o711)
    const events = join(folder, 'events.txt')
    writeFileSync(events, connections.map(eventsOf).join(''))
    const { code, stderr } = runFlowledger(['import', 'conntrack', events, ...common])
    expect(stderr).not.toMatch(/passed over/)
    expect(code).toBe(0)
    // One server for all commands: they find it, and start none of their own.
    server = await openServer(join(folder, 'data'), {})
  })
  afterAll(async () => {
    await server?.stop()
    rmSync(folder, { recursive: true })
  })

  test('ndjson and csv have every connection, and nothing that the ledger does not keep', () => {
    const { stdout, stderr, code } = run('ndjson')
    expect(stderr).toContain(`${connections.length} connections, ${connections.length} records.`)
    expect(code).toBe(0)
    const text = stdout.replaceAll(/:(\d{16,})/g, ':"$1"')
    const rows = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string | number>)
    const told = rows.map((row) =>
      shown(
        ['source', 'destination', 'post_nat_source', 'post_nat_destination']
          .flatMap((end) => {
            const port = end.startsWith('post') ? end.replace('nat', 'napt') : end
            return [row[`${end}_address`], row[`${port}_transport_port`]]
          })
          .concat(row['protocol_identifier']),
        [
          row['packet_delta_count'],
          row['octet_delta_count'],
          row['reverse_packet_delta_count'],
          row['reverse_octet_delta_count'],
          Date.parse(String(row['flow_start_microseconds'])),
          Date.parse(String(row['flow_end_microseconds'])),
        ]
      )
    )
    expect(told.toSorted()).toEqual(wanted.toSorted())
    for (const row of rows) {
      expect(row).not.toHaveProperty('icmp_type_code')
      const isTranslated =
        row['source_address'] !== row['post_nat_source_address'] ||
        row['destination_address'] !== row['post_nat_destination_address']
      expect(row['biflow_direction']).toBe(isTranslated ? 1 : 0)
    }
    const [head = '', ...lines] = run('csv').stdout.trim().split('\r\n')
    const columns = head.split(',')
    expect(lines.map((line) => line.split(',').length)).toEqual(rows.map(() => columns.length))
    const objects = lines.map((line) => {
      const cells = line.split(',').map((cell, at) => [columns[at] ?? '', cell] as const)
      return Object.fromEntries(cells.filter(([, cell]) => cell !== ''))
    })
    const asText = rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([key, value]) => [key, String(value)]))
    )
    expect(objects).toEqual(asText)
  })

  test('flow-tools: eighteen fields, a line for each view', () => {
    const { stdout, stderr } = run('flow-tools', '--exporter', '192.0.2.2')
    const v6 = connections.filter((one) => !isV4(one)).length
    expect(stderr).toContain(`Left out: ${v6} ipv6-in-flow-tools.`)
    const lines = connections.flatMap((one, index) => {
      if (!isV4(one)) return []
      const { original, reply, protocol, counts } = one
      const views = [original, [reply[2], reply[3], reply[0], reply[1]] as const]
      const ms = endMs(index)
      const head = [Math.floor(ms / 1000), (ms % 1000) * 1e6, ms - 1_363_698_000_000, '192.0.2.2']
      const since = [startMs(index), ms].map((at) => at - 1_363_698_000_000)
      return views.slice(0, isSame(one) ? 1 : 2).map(([from, port, to, toPort]) => {
        const ports = isIcmp(one) ? [0, 0] : [port, toPort]
        const body = [counts[0], counts[1], ...since, from, to, '0.0.0.0', 0, 0, ...ports]
        return [...head, ...body, numbers[protocol], 0, 0].join(',')
      })
    })
    expect(stdout.trim().split('\n').toSorted()).toEqual(lines.toSorted())
  })

  test.skipIf(skipUnless('program', programMissing('tshark')))(
    'an IPFIX file is read by tshark: each record, and who opened it',
    async () => {
      const file = join(folder, 'out.ipfix')
      const octets = await exportOctets('ipfix')
      writeFileSync(file, octets)
      const { packets, text } = tshark({ file })
      expect(text).not.toMatch(/[Mm]alformed|No template|_ws\.expert/)
      expect(packets).toHaveLength(splitIpfix(octets).length)
      const records = recordsOf(packets)
      const told = records.map((one) =>
        shown(
          [one.from, one.to, one.after, one.afterTo, one.protocol],
          [one.packets, one.octets, one.reversePackets, one.reverseOctets, one.startMs, one.endMs]
        )
      )
      expect(told.toSorted()).toEqual(wanted.toSorted())
      const directions = records.map(({ direction }) => String(direction))
      const known = connections.map((one) => (isSame(one) ? '0' : '1'))
      expect(directions.toSorted()).toEqual(known.toSorted())
    }
  )

  test('netflow5 on standard output is packets one behind the other', async () => {
    const v4 = connections.filter(isV4)
    const { records } = new Reader().read(await exportOctets('netflow5'))
    expect(records).toHaveLength(v4.length + v4.filter((one) => !isSame(one)).length)
  })

  describe.skipIf(skipUnless('program', programMissing('nfcapd') ?? programMissing('nfdump')))(
    'to a collector',
    () => {
      const answered = connections.filter(({ counts }) => counts[2] > 0).length
      const outside = connections.filter((one) => isV4(one) && !isSame(one)).length
      test.each([
        ['netflow5', connections.filter(isV4).length + outside],
        ['netflow9', connections.length + answered],
        ['ipfix', connections.length],
      ])('%s: %i records, none lost', async (format, count) => {
        const { records, log } = await withNfcapd(async (port) => {
          const { stderr, code } = run(format, '--target', `127.0.0.1:${port}`)
          expect(stderr).toContain(`${count} records.`)
          expect(code).toBe(0)
        })
        expect(log).toMatch(new RegExp(`Flows: ${count},.*Sequence Errors: 0, Bad Packets: 0`))
        const packets = records.reduce((sum, row) => sum + Number(row['in_packets']), 0)
        const views = (one: Connection): number => (isSame(one) ? 1 : 2)
        const sent = {
          netflow5: (one: Connection) => (isV4(one) ? views(one) * one.counts[0] : 0),
          netflow9: (one: Connection) => one.counts[0] + one.counts[2],
          ipfix: (one: Connection) => one.counts[0],
        }[format as 'ipfix']
        expect(packets).toBe(connections.reduce((sum, one) => sum + sent(one), 0))
      })
    }
  )

  test('nobody there, nothing there, and what cannot be', () => {
    const refused = run('ipfix', '--target', '127.0.0.1:4')
    expect(refused.stderr).toMatch(/nobody listens at 127\.0\.0\.1:4/)
    expect(refused.code).not.toBe(0)
    const none = ['--from', '2012-01-01T00:00:00Z', '--to', '2012-01-02T00:00:00Z', ...common]
    expect(runFlowledger(['export', '--format', 'ndjson', ...none]).code).toBe(1)
    const wrong = run('netflow5', '--target', '127.0.0.1:9', '--transport', 'tcp')
    expect(wrong.stderr).toMatch(/goes over udp alone/)
    expect(wrong.code).toBe(2)
    expect(run('netflow5', '--directions', 'biflow').code).toBe(2)
  })
})
