import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { natExtras } from '../collector/nat/extras.ts'
import { SyslogCollector } from '../collector/syslog/collector.ts'
import { SyslogFramer } from '../collector/syslog/framing.ts'
import { Senders } from '../collector/syslog/senders.ts'
import { parsePrefix } from '../model/address.ts'
import { noNetworks } from '../model/nat-view.ts'
import { parseZone } from '../model/time-zone.ts'
import { spoolSize } from '../store/spool-segments.ts'
import { SpoolWriter } from '../store/spool-writer.ts'
import { median } from './process.ts'

/**
 * NAT log lines to spool: octets as a TCP connection brings them are cut into messages, read,
 * paired into intervals and journalled, on one core. Neither sockets nor the database are in it.
 *
 * npx tsx bench/syslog-nat.ts [--lines N] [--rounds N] [--vendor NAME]
 */
const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '5' },
    vendor: { type: 'string' },
  },
})
const lines = Number(values.lines)
const rounds = Number(values.rounds)

/** Sessions that are open at a time: each begins, and ends so many lines later. */
const openAtOnce = 100_000
const chunkBytes = 64 << 10

/** Numbers of the session that line `i` begins or ends. */
function sessionOf(i: number) {
  const session = i >>> 1
  const isEnd = (i & 1) === 1
  return { isEnd, session: isEnd ? session - openAtOnce : session }
}

type Maker = (isEnd: boolean, session: number, time: string) => string

const inside = (n: number): string => `100.${64 + ((n >> 16) & 63)}.${(n >> 8) & 255}.${n & 255}`
const outside = (n: number): string => `198.51.100.${n & 127}`
const port = (n: number): number => 1024 + ((n >>> 7) % 64_000)

const makers: Readonly<Record<string, Maker>> = {
  nfware: (isEnd, n, time) =>
    `<134>1 ${time} cgn1 nat - - - ${isEnd ? 'D' : 'A'} VRF 0 6 INT ${inside(n)}:${port(n)} EXT ` +
    `${outside(n)}:${port(n)} DST 203.0.113.7:443 DIR OUT`,
  'cisco-ios': (isEnd, n) =>
    `<189>${n}: rt1: Mar  1 12:00:00.123 UTC: %IOSXE-6-PLATFORM: F0: cpp_cp: QFP:0.0 Thread:105 ` +
    `TS:00000123456789 %NAT-6-LOG_TRANSLATION: ${isEnd ? 'Deleted' : 'Created'} Translation TCP ` +
    `${inside(n)}:${port(n)} ${outside(n)}:${port(n)} 203.0.113.7:443 203.0.113.7:443 0`,
  juniper: (isEnd, n, time) =>
    `<14>1 ${time} srx1 RT_FLOW - RT_FLOW_SESSION_${isEnd ? 'CLOSE' : 'CREATE'} ` +
    `[junos@2636.1.1.1.2.39 source-address="${inside(n)}" source-port="${port(n)}" ` +
    'destination-address="203.0.113.7" destination-port="443" connection-tag="0" ' +
    `service-name="junos-https" nat-source-address="${outside(n)}" nat-source-port="${port(n)}" ` +
    'nat-destination-address="203.0.113.7" nat-destination-port="443" nat-connection-tag="0" ' +
    'src-nat-rule-type="source rule" src-nat-rule-name="r1" dst-nat-rule-type="N/A" ' +
    'dst-nat-rule-name="N/A" protocol-id="6" policy-name="p" source-zone-name="trust" ' +
    `destination-zone-name="untrust" session-id="${n}" username="N/A" roles="N/A"]`,
  'cisco-asa': (isEnd, n) =>
    isEnd
      ? `<166>Mar 01 2026 12:00:00 fw1 : %ASA-6-302014: Teardown TCP connection ${n} for ` +
        `outside:203.0.113.7/443 to inside:${inside(n)}/${port(n)} duration 0:00:20 bytes 4711`
      : `<166>Mar 01 2026 12:00:00 fw1 : %ASA-6-302013: Built outbound TCP connection ${n} for ` +
        `outside:203.0.113.7/443 (203.0.113.7/443) to inside:${inside(n)}/${port(n)} ` +
        `(${outside(n)}/${port(n)})`,
}

/** A stream of octet-counted messages, in chunks as a socket gives them. */
function makeStream(make: Maker): Buffer[] {
  const startMs = Date.UTC(2026, 2, 1, 12)
  const chunks: Buffer[] = []
  let text = ''
  for (let i = 0; i < lines; i++) {
    const { isEnd, session } = sessionOf(i)
    const line = make(isEnd, Math.max(0, session), new Date(startMs + (i >> 6)).toISOString())
    text += `${line.length} ${line}`
    if (text.length < chunkBytes) continue
    chunks.push(Buffer.from(text, 'latin1'))
    text = ''
  }
  chunks.push(Buffer.from(text, 'latin1'))
  return chunks
}

interface Round {
  readonly cpuSeconds: number
  readonly seconds: number
  readonly events: number
  readonly closed: number
  readonly spoolBytes: number
}

async function run(vendor: string, chunks: readonly Buffer[]): Promise<Round> {
  const directory = mkdtempSync(join(tmpdir(), 'flowledger-bench-'))
  try {
    const spool = new SpoolWriter({
      directory,
      source: 'bench',
      maxBytes: 8 * 2 ** 30,
      syncBytes: 1 << 20,
      extras: natExtras,
    })
    const nowUs = (): number => Date.now() * 1000
    const senders = new Senders({
      sources: [{ name: 'gw', from: everyone, vendor: 'auto', zone: parseZone('UTC') }],
      patternsOf: () => [],
      indexOf: () => 1,
      nowUs,
    })
    const none = { watermarkUs: 0, closedThroughUs: 0 }
    const collector = new SyslogCollector({
      journal: {
        append: (kind, batch) => void spool.append(kind, batch, none),
        note: (note) => void spool.note(note, none),
      },
      senders,
      maxOpen: 1 << 21,
      silenceUs: 300e6,
      forgetUs: 86_400e6,
      networks: noNetworks,
      nowUs,
    })
    const sender = benchSender(senders)
    const framer = new SyslogFramer()
    const take = (message: string): void => collector.take(message, sender)
    const cpu = process.cpuUsage()
    const from = performance.now()
    for (const chunk of chunks) framer.push(chunk, take)
    collector.flush()
    const used = process.cpuUsage(cpu)
    const seconds = (performance.now() - from) / 1000
    spool.close()
    if (sender.source.counters.events < lines) throw new Error(`${vendor}: lines were not read`)
    return {
      cpuSeconds: (used.user + used.system) / 1e6,
      seconds,
      events: sender.source.counters.events,
      closed: collector.tracker.counters.closed,
      spoolBytes: spoolSize(directory),
    }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** Whoever sends. */
const everyone = [parsePrefix('0.0.0.0/0')].filter((prefix) => prefix !== undefined)

function benchSender(senders: Senders) {
  const sender = senders.find('192.0.2.1', '')
  if (sender === undefined) throw new Error('the sender of the measurement may not send')
  return sender
}

const results: Record<string, unknown> = {}
for (const [vendor, make] of Object.entries(makers)) {
  if (values.vendor !== undefined && values.vendor !== vendor) continue
  const chunks = makeStream(make)
  const octets = chunks.reduce((sum, { length }) => sum + length, 0)
  const all: Round[] = []
  for (let round = 0; round <= rounds; round++) {
    const one = await run(vendor, chunks)
    // The first round is V8's: it compiles.
    if (round > 0) all.push(one)
    process.stderr.write(`${vendor} ${Math.round(lines / one.cpuSeconds)} lines/s of CPU\n`)
  }
  const [last] = all.slice(-1)
  results[vendor] = {
    linesPerCpuSecond: Math.round(median(all.map(({ cpuSeconds }) => lines / cpuSeconds))),
    linesPerSecond: Math.round(median(all.map(({ seconds }) => lines / seconds))),
    octetsPerLine: Math.round(octets / lines),
    closed: last?.closed,
    spoolOctetsPerLine: Math.round((last?.spoolBytes ?? 0) / lines),
  }
}
process.stdout.write(`${JSON.stringify({ lines, rounds, results }, null, 2)}\n`)
