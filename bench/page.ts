import { parseArgs } from 'node:util'
import { brotliDecompressSync } from 'node:zlib'
import { bodyOf, startAppliance } from './appliance-process.ts'
import type { ApplianceProcess } from './appliance-process.ts'
import { fillLedger } from './filled-ledger.ts'
import { median } from './process.ts'
import { fillSums } from './year-of-sums.ts'

/**
 * Every page of the web page over a filled ledger and a year of sums: the time from the request to
 * the whole answer, one at a time, and the octets of a first load (the page, and all that it loads,
 * as a browser is sent it).
 *
 * npx tsx bench/page.ts [--rows 2000000] [--hours 24] [--rounds 20] [--data-dir DIRECTORY]
 */
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '2000000' },
    hours: { type: 'string', default: '24' },
    rounds: { type: 'string', default: '20' },
    'data-dir': { type: 'string' },
  },
})
const rounds = Number(values.rounds)
const warmUps = 3

async function logIn(up: ApplianceProcess, token: string): Promise<string> {
  const headers = { Origin: up.origin, 'Content-Type': 'application/x-www-form-urlencoded' }
  const form = new URLSearchParams({ token, return_to: '/' }).toString()
  const response = await up.send('', '/log-in', { method: 'POST', headers }, form)
  await bodyOf(response)
  return response.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
}

interface Seen {
  readonly status: number
  readonly text: string
  /** As it went over the wire. */
  readonly octets: number
  readonly ms: number
}

async function see(up: ApplianceProcess, cookie: string, path: string): Promise<Seen> {
  const from = performance.now()
  const headers = { Cookie: cookie, 'Accept-Encoding': 'br' }
  const response = await up.send('', path, { headers })
  const parts: Buffer[] = []
  for await (const part of response) parts.push(part as Buffer)
  const body = Buffer.concat(parts)
  const ms = performance.now() - from
  const isPacked = response.headers['content-encoding'] === 'br'
  const text = (isPacked ? brotliDecompressSync(body) : body).toString()
  return { status: response.statusCode ?? 0, text, octets: body.length, ms }
}

/** Octets of what a page names, as they go over the wire. */
async function loadedOctets(up: ApplianceProcess, text: string): Promise<number> {
  const load = async (path: string): Promise<Buffer> => {
    const response = await up.send('', path, { headers: { 'Accept-Encoding': 'br' } })
    const parts: Buffer[] = []
    for await (const part of response) parts.push(part as Buffer)
    return Buffer.concat(parts)
  }
  const named = [...text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(
    ([, path]) => path ?? ''
  )
  const sizes = await Promise.all(named.map(async (path) => (await load(path)).length))
  // Fonts are named by the style, the library of plots by its module.
  const style = await (
    await fetch(up.origin + (named.find((one) => one.endsWith('.css')) ?? ''))
  ).text()
  // A browser loads a font where something is written in it.
  const hasCode = /<code|class="code"/.test(text)
  const further = [...style.matchAll(/url\('?"?([^'")]+)/g)]
    .map(([, name]) => `/assets/${name}`)
    .filter((name) => hasCode || !name.includes('mono'))
  const plot = named.find((path) => path.includes('/plot.'))
  if (plot !== undefined) {
    const module = await (await fetch(up.origin + plot)).text()
    const [, library] = /from '\.\/([^']+)'/.exec(module) ?? []
    if (library !== undefined) further.push(`/assets/${library}`)
  }
  const more = await Promise.all(further.map(async (path) => (await load(path)).length))
  return [...sizes, ...more].reduce((sum, size) => sum + size, 0)
}

const hoursBefore = (at: string, hours: number): string =>
  new Date(Date.parse(at) - hours * 3_600_000).toISOString()

const ledger = await fillLedger(Number(values.rows), Number(values.hours), values['data-dir'])
let up: ApplianceProcess | undefined
try {
  const sums = await fillSums(ledger.ownerUrl)
  console.log(`${ledger.rows} flows, ${sums} sums`)
  up = await startAppliance(ledger.dataDir)
  const cookie = await logIn(up, ledger.tokens.administrator)
  const { ip, port, protocol, at } = ledger.question(true)
  const question = new URLSearchParams({ ip, port: String(port), protocol, at }).toString()
  const paths = [
    '/log-in',
    '/lookup',
    `/lookup?${question}`,
    '/notices',
    '/cases',
    '/approvals',
    '/flows?from=-30h',
    `/flows?from=${hoursBefore(at, 3)}&to=${at}`,
    `/flows?from=${at}&order=oldest`,
    `/flows?from=-30h&public=${ip}`,
    '/flows?from=-30h&inside=10.0.0.5',
    '/flows?from=-30h&inside=10.200.0.1',
    '/devices',
    '/sources?from=-7d',
    ...['traffic', 'applications', 'nat-pool', 'talkers', 'exporters', 'storage'].map(
      (name) => `/reports/${name}?from=-365d`
    ),
    '/reports/applications?from=-24h',
  ]
  console.log('page | status | median ms | slowest ms | page, octets | first load, octets')
  for (const path of paths) {
    for (let i = 0; i < warmUps; i++) await see(up, cookie, path)
    const seen: Seen[] = []
    for (let i = 0; i < rounds; i++) seen.push(await see(up, cookie, path))
    const times = seen.map(({ ms }) => ms)
    const [{ status, text, octets } = { status: 0, text: '', octets: 0 }] = seen
    const first = octets + (await loadedOctets(up, text))
    const row = [path.slice(0, 60), status, median(times).toFixed(1), Math.max(...times).toFixed(1)]
    console.log([...row, octets, first].join(' | '))
  }
} finally {
  await up?.stop()
  await ledger.close()
}
