import { parseArgs } from 'node:util'
import { tellFigure } from './suite/figure.ts'
import type { Contender } from './whole-path-contender.ts'
import { makeWholePathLab } from './whole-path-lab.ts'
import type { WholePathLab } from './whole-path-lab.ts'
import { startOurs } from './whole-path-ours.ts'
import { rivalName, startRival } from './whole-path-rival.ts'
import { busySeconds, round } from './whole-path-round.ts'
import type { Round } from './whole-path-round.ts'

/**
 * The whole path at once: connections (half TLS, a fifth each QUIC and DNS, a tenth HTTP) through a
 * gateway that translates, where `flowledger up` follows, classifies, exports IPFIX, fills a set by
 * policy and writes the ledger; beside it ulogd2 into PostgreSQL, softflowd and ndpiReader on the
 * same load. First several rounds at a rate that both are offered, then higher ones until one is
 * not held: a rate is held where each connection that the kernel took up is a row ten seconds after
 * the load's end, and no event and no packet was lost.
 *
 * Needs root, nft, conntrack, curl and `npm run build`; the sender and the forwarding kernel have
 * one of two processors. `npx tsx bench/whole-path.ts [--rates 5000,10000] [--rival-rates 2000]
 * [--common 1000] [--rounds 3] [--seconds 10] [--only ours|rival]`
 */
const { values } = parseArgs({
  options: {
    rates: { type: 'string', default: '5000,10000,15000,20000,25000' },
    'rival-rates': { type: 'string', default: '1500,2000,3000,4000,6000,8000' },
    common: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '10' },
    only: { type: 'string' },
  },
})
const seconds = Number(values.seconds)
const common = Number(values.common)
const ratesOf = (text: string): number[] => text.split(',').map(Number)
let first = 0

/** Numbers of as many connections as a load may make; none comes twice. */
function numbersFor(rate: number): number {
  const from = first
  first += Math.ceil((rate * seconds) / 40 + 1) * 40
  return from
}

interface Found {
  readonly atCommon: readonly Round[]
  readonly highest: number
}

async function follow(
  lab: WholePathLab,
  start: (lab: WholePathLab) => Promise<Contender>,
  rates: readonly number[]
): Promise<Found> {
  const who = await start(lab)
  const load = async (rate: number): Promise<Round> => {
    const result = await round(lab, who, { rate, seconds, first: numbersFor(rate) })
    console.log(JSON.stringify({ who: who.name, ...result }))
    return result
  }
  try {
    // V8 compiles what it finds to be hot: that is no part of what lasts.
    if (who.name === 'flowledger') await load(5000)
    const atCommon: Round[] = []
    for (let i = 0; i < Number(values.rounds); i++) atCommon.push(await load(common))
    let highest = atCommon.every(({ held }) => held) ? common : 0
    for (const rate of highest === 0 ? [common / 2, common / 4] : rates) {
      const { held, rate: reached } = await load(rate)
      if (held) highest = Math.max(highest, reached)
      if (held === highest < common) break
    }
    return { atCommon, highest }
  } finally {
    await who.stop()
  }
}

/** What the machine spends on a connection that nobody follows: sending and forwarding. */
async function forwardingAlone(lab: WholePathLab): Promise<void> {
  const [rate, busy] = [10_000, busySeconds()]
  const sent = await lab.load(rate, seconds, numbersFor(rate))
  const machineUsPerConnection = ((busySeconds() - busy) * 1e6) / sent.connections
  console.log(JSON.stringify({ who: 'nobody', rate: sent.perSecond, machineUsPerConnection }))
  lab.expire()
}

function tell(ours: Found, rival: Found): void {
  const peer = rivalName
  const of = (value: (one: Round) => number) => {
    return { ours: ours.atCommon.map(value), peer, theirs: rival.atCommon.map(value) }
  }
  const cpu = of(({ cpuUsPerRow }) => cpuUsPerRow.programs + cpuUsPerRow.database)
  const what = `the whole path at ${common}/s`
  tellFigure({ what, unit: 'us CPU a connection, PostgreSQL included', better: 'less', ...cpu })
  const memory = of(({ residentMb }) => residentMb)
  tellFigure({ what: `${what}, memory`, unit: 'MB, not PostgreSQL', better: 'less', ...memory })
  for (const key of ['p50', 'p99'] as const) {
    const found = of(({ foundAfterMs }) => foundAfterMs[key])
    tellFigure({ what: `${what}, end to look-up, ${key}`, unit: 'ms', better: 'less', ...found })
  }
  const [highest, unit] = ['the whole path, highest rate without loss', 'connections/s']
  const rates = { ours: [ours.highest], peer, theirs: [rival.highest] }
  tellFigure({ what: highest, unit, better: 'more', ...rates })
}

const lab = makeWholePathLab()
try {
  await forwardingAlone(lab)
  const wanted = (name: string): boolean => (values.only ?? name) === name
  const ours = wanted('ours') ? await follow(lab, startOurs, ratesOf(values.rates)) : undefined
  const rival = wanted('rival')
    ? await follow(lab, startRival, ratesOf(values['rival-rates']))
    : undefined
  if (ours !== undefined && rival !== undefined) tell(ours, rival)
} finally {
  lab.close()
}
