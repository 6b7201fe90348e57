import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { classifyFile } from '../../appliance/capture/classify-file.ts'
import { reportOf } from '../../classifier/report.ts'
import { Blocks } from '../collector/capture/blocks.ts'
import { programMissing, skipUnless } from '../skip.ts'
import { Inside, ways } from './wrappings.ts'

/** A capture of all ways to a packet, each link type an interface of its own. */
function captureOf(little: boolean): Uint8Array {
  const blocks = new Blocks(little)
  const linkTypes = [...new Set(ways.map(([, linkType]) => linkType))]
  for (const linkType of linkTypes) blocks.interface(linkType)
  for (const [number, [, linkType, frames]] of ways.entries()) {
    const made = frames(new Inside(number))
    for (const frame of made instanceof Uint8Array ? [made] : made) {
      blocks.packet(frame, linkTypes.indexOf(linkType), BigInt(1.7e15 + number * 1000))
    }
  }
  return blocks.octets
}

interface Seen {
  readonly from: string
  readonly to: string
  readonly host: string
}

function ours(path: string): Seen[] {
  const seen: Seen[] = []
  classifyFile(path, (flow) => {
    const { a, b, protocol, hostname } = reportOf(flow)
    if (protocol === 'tls') seen.push({ from: a, to: b, host: hostname ?? '' })
  })
  return seen
}

/** The innermost packet that tshark finds a server name in. */
function theirs(path: string): Seen[] {
  const fields = ['ip.src', 'ipv6.src', 'tcp.srcport', 'ip.dst', 'ipv6.dst', 'tcp.dstport']
  const wanted = [...fields, 'tls.handshake.extensions_server_name'].flatMap((name) => ['-e', name])
  const argv = ['-n', '-r', path, '-Y', 'tls.handshake.type == 1', '-T', 'fields']
  const text = execFileSync('tshark', [...argv, '-E', 'occurrence=l', ...wanted], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [v4 = '', v6 = '', port, to4, to6, to, host = ''] = line.split('\t')
      const isV4 = v4.startsWith('10.')
      const [from, toward] = isV4 ? [v4, to4] : [`[${v6}]`, `[${to6}]`]
      return { from: `${from}:${port}`, to: `${toward}:${to}`, host }
    })
}

const byHost = (seen: readonly Seen[]): Record<string, Seen> =>
  Object.fromEntries(seen.map((one) => [one.host, one]))

describe('a hello is found in whatever it lies', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-ways-'))
  const file = (little: boolean): string => join(folder, little ? 'little' : 'big')
  for (const little of [true, false]) writeFileSync(file(little), captureOf(little))
  afterAll(() => rmSync(folder, { recursive: true }))

  test.each([true, false])('little endian: %s', (little) => {
    const found = new Set(ours(file(little)).map(({ host, from }) => `${host} ${from}`))
    const missing = ways.filter((_, number) => {
      const { host, port } = new Inside(number)
      return !found.has(`${host} 10.0.0.1:${port}`) && !found.has(`${host} [fd00::1]:${port}`)
    })
    expect(missing.map(([name]) => name)).toEqual([])
    expect(found.size).toBe(ways.length)
  })

  test.skipIf(skipUnless('program', programMissing('tshark')))('as tshark finds it', () => {
    const [we, they] = [byHost(ours(file(true))), byHost(theirs(file(true)))]
    expect(we).toMatchObject(they)
    const alone = ways.filter((_, number) => !(new Inside(number).host in they))
    // It takes an address that begins with a zero for a control word.
    expect(alone.map(([name]) => name)).toEqual(['MPLS with Ethernet alone'])
  })
})
