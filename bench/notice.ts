import { Agent } from 'node:http'
import { parseArgs } from 'node:util'
import { bodyOf, startAppliance } from './appliance-process.ts'
import type { ApplianceProcess } from './appliance-process.ts'
import { fillLedger } from './filled-ledger.ts'
import type { FilledLedger, Question } from './filled-ledger.ts'

/**
 * From a notice, as the mail's text comes, to ranked answers, over HTTP from a running `up`: ten
 * sightings that name no protocol, nine of them of connections that are there. Each notice is
 * another one, and so touches other pages.
 *
 * npx tsx bench/notice.ts [--rows 5000000] [--hours 24] [--notices 100] [--sightings 10]
 *   [--without zone|port]: what bad notices lack; the first is asked for every offset in use
 *   [--data-dir DIRECTORY]: filled where it is not yet, and kept; --notices 0 fills it only
 */
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '5000000' },
    hours: { type: 'string', default: '24' },
    'data-dir': { type: 'string' },
    notices: { type: 'string', default: '100' },
    sightings: { type: 'string', default: '10' },
    without: { type: 'string', multiple: true, default: [] },
  },
})
const rows = Number(values.rows)
const hours = Number(values.hours)
const notices = Number(values.notices)
const sightings = Number(values.sightings)

const lacks = (what: 'zone' | 'port'): boolean => values.without.includes(what)

/** One infringement (ACNS 1.2), as it stands between the marks in a mail. */
function infringement({ ip, port, at: zoned }: Question, number: number): string {
  const at = lacks('zone') ? zoned.replace('Z', '') : zoned
  const portTag = lacks('port') ? '' : `<Port>${port}</Port>`
  return `- ----Start ACNS XML
<?xml version="1.0" encoding="UTF-8"?>
<Infringement xmlns="http://www.acns.net/ACNS">
  <Case><ID>bench-${number}</ID><Status>Open</Status></Case>
  <Source><TimeStamp>${at}</TimeStamp><IP_Address>${ip}</IP_Address>${portTag}</Source>
  <Content><Item><TimeStamp>${at}</TimeStamp><Title>${number}</Title></Item></Content>
</Infringement>
- ----End ACNS XML
`
}

function mail(ledger: FilledLedger): string {
  const parts = Array.from({ length: sightings }, (_, i) =>
    infringement(ledger.question(i % 10 !== 9), i + 1)
  )
  const head = 'From: notices@example.net\r\nSubject: Notices\r\nMIME-Version: 1.0\r\n'
  return `${head}Content-Type: text/plain; charset=utf-8\r\n\r\n${parts.join('\n')}`
}

interface Verdicts {
  readonly count: Record<string, number>
}

/** Milliseconds from the notice to the last byte of its answers. */
async function send(
  up: ApplianceProcess,
  ledger: FilledLedger,
  agent: Agent,
  { count }: Verdicts
): Promise<number> {
  const body = mail(ledger)
  const from = performance.now()
  const headers = { 'Content-Type': 'message/rfc822' }
  const { administrator } = ledger.tokens
  const options = { method: 'POST', headers, agent }
  const response = await up.send(administrator, '/v1/notices', options, body)
  const text = await bodyOf(response)
  const ms = performance.now() - from
  const found = [...text.matchAll(/"verdict":"([a-z-]+)"/g)].map((match) => match[1] ?? '?')
  const least = lacks('port') ? 0 : sightings
  if (response.statusCode !== 200 || found.length < least) {
    throw new Error(`${response.statusCode}, ${found.length} answers: ${text.slice(0, 500)}`)
  }
  for (const verdict of found) count[verdict] = (count[verdict] ?? 0) + 1
  return ms
}

/** Sends them one after another and says how long each took. */
async function measure(ledger: FilledLedger): Promise<void> {
  const up = await startAppliance(ledger.dataDir)
  const agent = new Agent({ keepAlive: true })
  try {
    const first = await send(up, ledger, agent, { count: {} })
    const verdicts: Verdicts = { count: {} }
    const times: number[] = []
    for (let i = 0; i < notices; i++) times.push(await send(up, ledger, agent, verdicts))
    times.sort((a, b) => a - b)
    const at = (share: number): number =>
      Number((times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? 0).toFixed(1))
    const ms = { first: Number(first.toFixed(1)), p50: at(0.5), p99: at(0.99), max: at(1) }
    const results = {
      rows: ledger.rows,
      partitions: hours,
      sightings,
      notices,
      without: values.without,
      ms,
      verdicts: verdicts.count,
    }
    console.log(JSON.stringify(results, undefined, 2))
  } finally {
    agent.destroy()
    await up.stop()
  }
}

const ledger = await fillLedger(rows, hours, values['data-dir'])
try {
  if (notices > 0) await measure(ledger)
} finally {
  await ledger.close()
}
