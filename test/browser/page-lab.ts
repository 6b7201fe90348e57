import { spawnSync } from 'node:child_process'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeIdentityLab } from '../lab/identity-lab.ts'
import type { IdentityLab } from '../lab/identity-lab.ts'
import { programArgv } from '../cli/run-flowledger.ts'

/**
 * What the pages are looked at with: a real gateway in network namespaces, that follows, classifies
 * and collects, with people behind it that a directory names. Addresses are those kept for
 * documentation.
 */
export interface PageLab {
  readonly lab: IdentityLab
  /** Namespace in which the API listens, and its address there. */
  readonly namespace: string
  readonly url: string
  /** Tokens of an investigator, of an approver, and of the administrator. */
  readonly tokens: { readonly ines: string; readonly ada: string; readonly root: string }
  /** A connection that stays open, and an instant at which it was. */
  readonly held: { readonly ip: string; readonly port: number; readonly at: string }
  /**
   * Makes some connections that can be classified.
   *
   * @param names what hosts ask for; left out: each some of those that are usual
   */
  browse(names?: readonly string[]): Promise<void>
  close(): Promise<void>
}

const settings = `
networks: { inside: [10.77.0.0/16, 2001:db8:77::/48], public: [{ prefix: 192.0.2.0/24, source: ${hostname()} }] }
reports: { write_every: 1s, thresholds: { traffic: 40000 } }
access: { second_person: [reveal] }
`

const collector = `, capture: { enabled: true },
  netflow: { listen: ["127.0.0.1:2055"] }`

/** Names of servers that hosts ask for, as TLS and HTTP carry them. */
const visited = ['zoom.us', 'www.netflix.com', 'www.example.org', 'github.com', 'www.dropbox.com']

const browser = `
const tls = require('node:tls'), http = require('node:http'), dgram = require('node:dgram')
const [, ...names] = process.argv
// It ends a moment after all were connected, however long that takes.
let waiting = 2 * names.length
const reached = () => --waiting === 0 && setTimeout(() => process.exit(0), 900)
const watch = (socket) => {
  const once = () => { socket.off('connect', once).off('error', once); reached() }
  socket.on('connect', once).on('error', once)
}
for (const name of names) {
  const s = tls.connect({ host: '198.51.100.1', port: 443, servername: name, rejectUnauthorized: false })
  s.on('error', () => {})
  watch(s)
  const r = http.get({ host: '203.0.113.1', headers: { host: name, 'user-agent': '<script>alert(1)</script>' } })
  r.on('error', () => {}).once('socket', watch)
  const u = dgram.createSocket('udp4')
  const labels = name.split('.').map((l) => String.fromCharCode(l.length) + l).join('')
  const q = Buffer.concat([Buffer.from('123401000001000000000000', 'hex'), Buffer.from(labels + '\\0', 'latin1'), Buffer.from('00010001', 'hex')])
  u.send(q, 53, '198.51.100.2', () => u.close())
}
// And what nobody knows, to a port where nobody listens.
const odd = dgram.createSocket('udp4')
odd.send(Buffer.from('f7e3aa0100000001', 'hex'), 31999, '198.51.100.2', () => odd.close())`

/** A NetFlow v5 message of so many flows from an exporter, by Cisco's layout; and one cut short. */
function netflow5(flows: number, before = 0): Buffer {
  const now = Math.floor(Date.now() / 1000)
  const header = Buffer.alloc(24)
  header.writeUInt16BE(5, 0)
  header.writeUInt16BE(flows, 2)
  header.writeUInt32BE(60_000, 4)
  header.writeUInt32BE(now, 8)
  header.writeUInt32BE(before, 16)
  const records = Array.from({ length: flows }, (_, i) => {
    const record = Buffer.alloc(48)
    record.set([10, 77, 0, 100 + i], 0)
    record.set([203, 0, 113, 1 + (i % 2)], 4)
    record.writeUInt32BE(10 + i, 16)
    record.writeUInt32BE(1500 * (i + 1), 20)
    record.writeUInt32BE(10_000, 24)
    record.writeUInt32BE(50_000, 28)
    record.writeUInt16BE(40_000 + i, 32)
    record.writeUInt16BE(443, 34)
    record[38] = 6
    return record
  })
  return Buffer.concat([header, ...records])
}

const sender = `
const dgram = require('node:dgram'); const u = dgram.createSocket('udp4')
const send = (hex) => new Promise((done) => u.send(Buffer.from(hex, 'hex'), 2055, '127.0.0.1', done))
const all = process.argv.slice(1)
const next = () => all.length === 0 ? u.close() : send(all.shift()).then(next)
next()`

async function makeToken(lab: IdentityLab, person: string, role: string): Promise<string> {
  const { code, stdout, stderr } = await lab.flowledger(
    'token',
    'create',
    person,
    '--role',
    role,
    '--person',
    `${person}@isp.example`
  )
  const token = /fl_[A-Za-z0-9_-]{43}/.exec(stdout)?.[0]
  if (code !== 0 || token === undefined) throw new Error(`token create: ${stderr}${stdout}`)
  return token
}

export async function makePageLab(): Promise<PageLab> {
  const lab = await makeIdentityLab(3, { settings, collector })
  try {
    return await furnish(lab)
  } catch (error) {
    await lab.close()
    throw error
  }
}

async function furnish(lab: IdentityLab): Promise<PageLab> {
  const { topology } = lab
  const { gateway } = topology
  const run = async (namespace: string, argv: readonly string[]): Promise<string> => {
    const done = await topology.run(namespace, argv)
    if (done.code !== 0) throw new Error(`${argv.join(' ')}: ${done.stderr}${done.stdout}`)
    return done.stdout
  }
  await run(gateway, [process.execPath, ...programArgv, 'capture', 'install'])
  await lab.outside.listen('tcp', { ip: '198.51.100.1', port: 443 })
  const names = ['annas-laptop', '<b>bobs</b>-phone', 'printer']
  for (const [i, host] of topology.hosts.entries())
    lab.keaLease(host.ipv4, lab.mac(i), names[i] ?? '')
  await lab.loadDirectory(
    'id,name,contact,mac\n' +
      `4711,Anna Example,anna@example.net,${lab.mac(0)}\n` +
      `4712,Bob Sample,=HYPERLINK("x"),${lab.mac(1)}\n`
  )
  const browse = async (given?: readonly string[]): Promise<void> => {
    await Promise.all(
      topology.hosts.map(({ namespace }, i) => {
        const asked = given ?? visited.slice(i, i + 3)
        return run(namespace, [process.execPath, '-e', browser, ...asked])
      })
    )
  }
  await browse()
  // It promises more records than it holds.
  const bad = netflow5(12, 10).subarray(0, 100)
  const messages = [netflow5(6), netflow5(4, 6), bad].map((one) => one.toString('hex'))
  await run(gateway, [process.execPath, '-e', sender, ...messages])
  const [first] = lab.hosts
  const host = topology.hosts[0]
  if (first === undefined || host === undefined) throw new Error('The lab has no host.')
  const held = await first.open(
    'tcp',
    { ip: host.ipv4, port: 40_001 },
    { ip: '203.0.113.2', port: 80 }
  )
  // An instant that is over, and that names a whole second.
  const atMs = Math.ceil(held.establishedUs / 1e6) * 1000
  await sleep(Math.max(0, atMs + 2500 - Date.now()))
  const [ines, ada] = [
    await makeToken(lab, 'ines', 'investigator'),
    await makeToken(lab, 'ada', 'approver'),
  ]
  return {
    lab,
    namespace: gateway,
    url: 'http://127.0.0.1:8080',
    tokens: { ines, ada, root: readToken(lab.dataDir) },
    held: { ...held.seenAs, at: new Date(atMs).toISOString() },
    browse,
    close: () => lab.close(),
  }
}

const readToken = (dataDir: string): string =>
  spawnSync('cat', [`${dataDir}/admin-token`], { encoding: 'utf8' }).stdout.trim()
