import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { decodeFiles } from '../../cli/decode-files.ts'
import { programMissing, skipUnless } from '../skip.ts'

/*
 * Every value of recorded datagrams against what Wireshark's dissector makes of the same octets:
 * two readers of the standards that share nothing.
 */
const folder = fileURLToPath(new URL('../../../shared/corpora/netflow/', import.meta.url))
const sets = existsSync(folder)
  ? readdirSync(folder).filter((name) => name.startsWith('telegraf-'))
  : []

/** Wireshark's name of a field, and ours. */
const fields: readonly (readonly [theirs: string, ours: string])[] = [
  ['cflow.srcaddr', 'source_ipv4_address'],
  ['cflow.dstaddr', 'destination_ipv4_address'],
  ['cflow.srcaddrv6', 'source_ipv6_address'],
  ['cflow.dstaddrv6', 'destination_ipv6_address'],
  ['cflow.srcport', 'source_transport_port'],
  ['cflow.dstport', 'destination_transport_port'],
  ['cflow.protocol', 'protocol_identifier'],
  ['cflow.octets', 'octet_delta_count'],
  ['cflow.packets', 'packet_delta_count'],
  ['cflow.inputint', 'ingress_interface'],
  ['cflow.outputint', 'egress_interface'],
]

const little = (value: number, octets: number): Buffer => {
  const out = Buffer.alloc(octets)
  out.writeUIntLE(value, 0, octets)
  return out
}

/** A capture of raw IPv4 (link type 101) of one sender; checksums are left out. */
function captureOf(payloads: readonly Buffer[]): Buffer {
  const packets = payloads.flatMap((payload, index) => {
    const header = Buffer.alloc(28)
    header.writeUInt16BE(0x4500, 0)
    header.writeUInt16BE(28 + payload.length, 2)
    header.writeUInt16BE(0x4011, 8)
    header.set([192, 0, 2, 1, 192, 0, 2, 2], 12)
    header.writeUInt16BE(2055, 20)
    header.writeUInt16BE(2055, 22)
    header.writeUInt16BE(8 + payload.length, 24)
    const size = little(28 + payload.length, 4)
    return [little(index, 4), little(0, 4), size, size, header, payload]
  })
  const version = Buffer.concat([little(2, 2), little(4, 2), Buffer.alloc(8)])
  const head = [little(0xa1b2c3d4, 4), version, little(262_144, 4), little(101, 4)]
  return Buffer.concat([...head, ...packets])
}

function theirs(path: string): string[][] {
  const wanted = fields.flatMap(([name]) => ['-e', name])
  const as = ['-d', 'udp.port==2055,cflow', '-T', 'fields', '-E', 'separator=|', ...wanted]
  const text = execFileSync('tshark', ['-r', path, ...as], { encoding: 'utf8', stdio: 'pipe' })
  const lines = text.split('\n').filter((line) => line !== '')
  return fields.map((_, at) =>
    lines.flatMap((line) => line.split('|')[at]?.split(',').filter(Boolean) ?? []).sort()
  )
}

function ours(paths: readonly string[]): string[][] {
  let text = ''
  decodeFiles(paths, (chunk) => (text += chunk))
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  return fields.map(([, name]) =>
    lines
      .flatMap((line) => (line[name] === undefined ? [] : [line[name]].flat().map(String)))
      .sort()
  )
}

let compared = 0

describe.skipIf(skipUnless('program', programMissing('tshark')))(
  'values are those of tshark',
  () => {
    test.each(sets)('%s', (name) => {
      const paths = readdirSync(join(folder, name))
        .sort()
        .map((file) => join(folder, name, file))
      const directory = mkdtempSync(join(tmpdir(), 'flowledger-values-'))
      const path = join(directory, 'all.pcap')
      writeFileSync(path, captureOf(paths.map((file) => readFileSync(file))))
      const expected = theirs(path)
      rmSync(directory, { recursive: true })
      const found = ours(paths)
      for (const [index, [, ownName]] of fields.entries()) {
        expect({ [ownName]: found[index] }).toEqual({ [ownName]: expected[index] })
      }
      compared += found.flat().length
    })

    test.skipIf(sets.length === 0)('and there were some', () => {
      expect(compared).toBeGreaterThan(0)
    })
  }
)
