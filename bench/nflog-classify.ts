/** The measured half of bench/nflog.ts: classifies until SIGTERM, then prints what it saw. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { classifyLive } from '../appliance/capture/classify-live.ts'
import { openNaming } from '../appliance/capture/naming.ts'

const say = (text: string): void => console.error(text)
const applications = { rules: [], catalogue: true, keepHints: false, personal: 'keep' } as const
const naming = await openNaming({ dataDir: '', applications }, { info: say, warn: say, error: say })
let decided = 0
const found: Record<string, number> = {}
const events = {
  decided: ({ classification }: { classification: { protocol: string } | undefined }) => {
    decided++
    const name = classification?.protocol ?? 'none'
    found[name] = (found[name] ?? 0) + 1
  },
  ended: () => {},
}
const snapLength = Number(process.argv[2])
const interfaces = process.argv.slice(3)
const options = { group: 5, interfaces, snapLength, receiveBuffer: 32 << 20 }
const live = classifyLive(options, events, naming.judge)
const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()
process.on('SIGTERM', () => void finish())

/** What waits in the socket's buffer is read to its end. */
async function finish(): Promise<void> {
  for (let seen = -1; seen !== live.counters.packets;) {
    seen = live.counters.packets
    await sleep(1000)
  }
  const { packets, lost, overruns, truncated } = live.counters
  const longestTurnMs = delay.max / 1e6
  const { user, system } = process.cpuUsage()
  console.log(
    JSON.stringify({
      cpuSeconds: user / 1e6 + system / 1e6,
      packets,
      lost,
      overruns,
      truncated,
      decided,
      longestTurnMs,
      ...found,
    })
  )
  process.exit()
}

console.log('ready')
