import { execFile, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NetflowThread } from '../../appliance/netflow/thread.ts'
import { netflowConfigOf, netflowSchema } from '../../model/netflow-settings.ts'
import { makeFlowBatch } from '../../model/flow-batch.ts'
import { flowExtras } from '../../collector/netflow/extras.ts'
import { SpoolReader } from '../../store/spool-reader.ts'
import {
  flowFields,
  flowRecord,
  ip,
  ipfix,
  noon,
  set,
  template,
  u,
} from '../collector/netflow/messages.ts'
import { drained, isBound } from '../oracle/collect.ts'
import { programMissing, skipUnless } from '../skip.ts'
import { until } from '../until.ts'
import { freePort } from '../free-port.ts'

const run = promisify(execFile)

/** A collector with its spool, on ports that the kernel chooses. */
class Lab {
  readonly directory = mkdtempSync(join(tmpdir(), 'flowledger-netflow-'))
  thread: NetflowThread | undefined
  udp = 0
  tcp = 0

  async start(): Promise<void> {
    const netflow = netflowConfigOf(
      netflowSchema.parse({ listen: ['127.0.0.1:0'], tcp: ['127.0.0.1:0'] })
    )
    this.thread = await NetflowThread.start({
      source: 'lab netflow',
      spoolDir: this.directory,
      spoolMaxBytes: 1 << 30,
      syncBytes: 1 << 20,
      syncIntervalMs: 100,
      netflow,
      networks: {
        inside: [],
        local: [],
      },
    })
    const { addresses } = await this.thread.status()
    const port = (kind: string): number =>
      Number(
        addresses
          .find((one) => one.startsWith(kind))
          ?.split(':')
          .at(-1)
      )
    this.udp = port('udp')
    this.tcp = port('tcp')
  }

  async stop(): Promise<void> {
    await this.thread?.stop()
    this.thread = undefined
  }

  /** Octets, packets and rows that the spool has. */
  totals(): { rows: number; octets: number; packets: number } {
    const reader = new SpoolReader(this.directory, { segment: 0, offset: 0 })
    const batch = makeFlowBatch(1024, flowExtras)
    const sum = { rows: 0, octets: 0, packets: 0 }
    for (let frame = reader.next(batch); frame !== undefined; frame = reader.next(batch)) {
      if (frame.kind !== 'slices') continue
      for (let row = 0; row < frame.batch.length; row++) {
        const { octetDeltaCount, packetDeltaCount } = frame.batch.columns
        sum.rows++
        sum.octets += octetDeltaCount[2 * row] ?? 0
        sum.packets += packetDeltaCount[2 * row] ?? 0
      }
    }
    reader.close()
    return sum
  }
}

/** The internet checksum (RFC 1071) of a header. */
function checksum(header: Buffer): number {
  let sum = 0
  for (let at = 0; at < header.length; at += 2) sum += header.readUInt16BE(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

/** An Ethernet frame with an UDP datagram of flow `flow`. */
function frameOf(flow: number, packet: number): Buffer {
  const length = 20 + flow
  const udp = [u(10_000 + flow, 2), u(53, 2), u(8 + length, 2), u(0, 2), Buffer.alloc(length)]
  const header = Buffer.concat([
    u(17664, 2),
    u(28 + length, 2),
    u(packet, 2),
    u(0, 2),
    u(16401, 2),
    u(0, 2),
    ip('10.0.0.1'),
    ip('198.51.100.9'),
  ])
  header.writeUInt16BE(checksum(header), 10)
  return Buffer.concat([Buffer.alloc(12), u(0x0800, 2), header, ...udp])
}

/** A capture of 40 flows of 5 packets. */
function writeCapture(path: string): void {
  const little = (value: number): Buffer => Buffer.from(u(value, 4).toReversed())
  const head = [little(0xa1b2c3d4), u(0x02000400, 4), little(0), little(0), little(65_535)]
  const packets = Array.from({ length: 200 }, (_, index) => {
    const packet = index % 5
    const octets = frameOf(Math.floor(index / 5), packet)
    const size = little(octets.length)
    return [little(noon + packet), little(index), size, size, octets]
  })
  writeFileSync(path, Buffer.concat([...head, little(1), ...packets.flat()]))
}

/** Octets of the IP packets of {@link writeCapture}. */
const octets = Array.from({ length: 40 }, (_, i) => 5 * (20 + 8 + 20 + i)).reduce((a, b) => a + b)

describe('exporters that people run', () => {
  const lab = new Lab()
  const capture = join(lab.directory, 'flows.pcap')
  beforeAll(async () => {
    await lab.start()
    writeCapture(capture)
  })
  afterAll(async () => {
    await lab.stop()
    rmSync(lab.directory, { recursive: true })
  })

  for (const version of [5, 9, 10]) {
    test.skipIf(skipUnless('program', programMissing('softflowd')))(
      `softflowd, version ${version}: totals are those that it sent`,
      async () => {
        const before = lab.totals()
        const options = ['-d', '-r', capture, '-n', `127.0.0.1:${lab.udp}`, '-v', String(version)]
        await run('softflowd', options)
        await until(() => lab.totals().rows - before.rows >= 40)
        const after = lab.totals()
        expect(after.packets - before.packets).toBe(200)
        expect(after.octets - before.octets).toBe(octets)
      }
    )
  }

  test.skipIf(skipUnless('program', programMissing('pmacctd')))(
    'pmacctd with nfprobe: totals are those that it sent',
    async () => {
      const before = lab.totals()
      const config = join(lab.directory, 'pmacctd.conf')
      const lines = [
        'daemonize: false',
        'plugins: nfprobe',
        `pcap_savefile: ${capture}`,
        `nfprobe_receiver: 127.0.0.1:${lab.udp}`,
        'nfprobe_version: 9',
        'pcap_savefile_wait: 3',
        'aggregate: src_host, dst_host, src_port, dst_port, proto, tos',
        '',
        'nfprobe_timeouts: tcp=1:udp=1:general=1:maxlife=2:expint=1',
      ]
      writeFileSync(config, lines.join('\n'))
      const child = spawn('pmacctd', ['-f', config], { stdio: 'ignore' })
      await until(() => lab.totals().packets - before.packets >= 200)
      child.kill('SIGINT')
      const after = lab.totals()
      expect(after.packets - before.packets).toBe(200)
      expect(after.octets - before.octets).toBe(octets)
    }
  )

  test.skipIf(skipUnless('program', programMissing('nfreplay') ?? programMissing('nfcapd')))(
    'nfreplay: what nfcapd stored comes again, all of it',
    async () => {
      const store = mkdtempSync(join(tmpdir(), 'flowledger-nfcapd-'))
      const port = await freePort()
      const nfcapd = spawn('nfcapd', ['-w', store, '-b', '127.0.0.1', '-p', String(port)], {
        stdio: 'ignore',
      })
      await until(() => isBound(port))
      await run('softflowd', ['-d', '-r', capture, '-n', `127.0.0.1:${port}`, '-v', '9'])
      await drained(port)
      const gone = once(nfcapd, 'close')
      nfcapd.kill('SIGTERM')
      await gone
      const before = lab.totals()
      const to = ['-H', '127.0.0.1', '-p', String(lab.udp)]
      for (const file of readdirSync(store)) {
        await run('nfreplay', ['-r', join(store, file), '-v', '9', ...to])
      }
      await until(() => lab.totals().packets - before.packets >= 200)
      const after = lab.totals()
      rmSync(store, { recursive: true })
      expect(after.octets - before.octets).toBe(octets)
    }
  )

  test('IPFIX over TCP, in pieces that do not end where messages end', async () => {
    const before = lab.totals()
    const seconds = Math.floor(Date.now() / 1000)
    const when = { startMs: seconds * 1000 - 9000, endMs: seconds * 1000 }
    const one = ipfix(
      { seconds, domain: 9 },
      set(2, template(256, flowFields)),
      set(256, flowRecord(when))
    )
    const all = Buffer.concat([
      one,
      ipfix({ seconds, domain: 9, sequence: 1 }, set(256, flowRecord(when))),
    ])
    const socket = connect(lab.tcp, '127.0.0.1')
    for (let at = 0; at < all.length; at += 7) socket.write(all.subarray(at, at + 7))
    socket.end()
    await until(() => lab.totals().rows - before.rows >= 2)
    expect(lab.totals().octets - before.octets).toBe(1200)
  })

  test('one datagram of 65 507 octets, one of one octet, and health of who sent them', async () => {
    const seconds = Math.floor(Date.now() / 1000)
    const before = lab.totals()
    const body = set(256, ...Array.from({ length: 1540 }, () => flowRecord()))
    const long = ipfix({ seconds, domain: 77 }, set(2, template(256, flowFields)), body)
    const socket = createSocket('udp4')
    await new Promise<void>((resolve) =>
      socket.send(Buffer.from([1]), lab.udp, '127.0.0.1', () => resolve())
    )
    await new Promise<void>((resolve) => socket.send(long, lab.udp, '127.0.0.1', () => resolve()))
    await until(() => lab.totals().rows - before.rows >= 1540)
    socket.close()
    const health = await lab.thread?.exporters()
    expect(health?.find(({ domain }) => domain === 77)).toMatchObject({
      version: 10,
      records: 1540,
      templates: 1,
      lostUnits: 0,
    })
    expect((await lab.thread?.status())?.malformed).toMatchObject({ 'too-short': 1 })
  })
})
