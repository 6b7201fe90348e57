import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '../store/connect.ts'
import { embeddedUrl } from '../store/database-url.ts'
import { startEmbedded } from '../store/embedded.ts'
import { cpuSeconds, eventSockets, postmasterOf, serverCpu, statusBytes } from './process.ts'
import { ulogd2Unsafe as ulogd2 } from './row-writers.ts'
import type { Contender, Counts } from './whole-path-contender.ts'
import { exportAddress } from './whole-path-lab.ts'
import type { WholePathLab } from './whole-path-lab.ts'

export const rivalName = 'ulogd2 (synchronous_commit off), softflowd and ndpiReader'

/** Frames that are none of a load: a neighbour is asked for, a host tells of itself. */
const strays = 2

/** Flows that softflowd may keep: more than there are in a round, so that it forgets none. */
const flowsAtMost = '1000000'
/** As large as ulogd2's socket buffer. */
const captureBytes = '67108864'

function softflowd(control: string): string[] {
  const flows = ['-m', flowsAtMost, '-t', 'udp=1', '-t', 'tcp.fin=1', '-t', 'expint=1']
  const files = ['-c', control, '-p', `${control}.pid`]
  const export10 = ['-n', exportAddress, '-v', '10', '-B', captureBytes]
  return ['softflowd', '-d', '-N', '-i', 'in', ...export10, ...flows, ...files]
}

/** Frames that passed the inner interface, either way. */
function passed(lab: WholePathLab): number {
  const line = lab.tool(['cat', '/proc/self/net/dev']).split('\n')
  const fields = line
    .find((one) => one.trim().startsWith('in:'))
    ?.trim()
    .split(/\s+/)
  return Number(fields?.[2]) + Number(fields?.[10])
}

/** ndpiReader, which says what it saw when it ends: one process for each round. */
class Names {
  private child: ChildProcess | undefined
  private passedBefore = 0
  /** Of rounds that are over. */
  cpu = 0
  packets = 0
  lost = 0

  private readonly lab: WholePathLab
  private readonly folder: string

  constructor(lab: WholePathLab, folder: string) {
    this.lab = lab
    this.folder = folder
  }

  get pid(): number | undefined {
    return this.child?.pid
  }

  async begin(): Promise<void> {
    const log = openSync(join(this.folder, 'ndpi.log'), 'w')
    const argv = ['ndpiReader', '-i', 'in', '-C', join(this.folder, 'names.csv')]
    this.child = this.lab.spawn(argv, { stdio: ['ignore', log, log] })
    // It says that it captures before it does, and loads its lists first.
    await sleep(1500)
    if (this.child.exitCode !== null) throw new Error('ndpiReader has ended.')
    this.passedBefore = passed(this.lab)
  }

  async end(): Promise<void> {
    const { child } = this
    if (child === undefined) return
    const frames = passed(this.lab) - this.passedBefore
    this.cpu += cpuSeconds(child.pid ?? 0)
    const ended = once(child, 'exit')
    child.kill('SIGINT')
    await ended
    this.child = undefined
    const text = readFileSync(join(this.folder, 'ndpi.log'), 'utf8')
    const seen = Number(/of (\d+) packets total/.exec(text)?.[1] ?? 0)
    this.packets += seen
    this.lost += frames - seen > strays ? frames - seen : 0
  }
}

/** Waits until ulogd2 takes events. */
async function subscribed(lab: WholePathLab, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 100 && child.exitCode === null; tries++) {
    if (eventSockets(lab.gateway).length > 0) return
    await sleep(100)
  }
  throw new Error('ulogd2 does not take events.')
}

/**
 * The nearest that can be assembled: ulogd2 into PostgreSQL for the log, softflowd for the export,
 * ndpiReader live for the names. Nothing of it acts on a policy, joins a name to a row, or keeps
 * what waits when the database is away. PostgreSQL does not wait for the disk with its rows, as it
 * does with ours: ulogd2 commits each by itself, and the disk would decide.
 */
export async function startRival(lab: WholePathLab): Promise<Contender> {
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-bench-'))
  chmodSync(folder, 0o711)
  const dataDir = join(folder, 'data')
  const server = await startEmbedded(dataDir)
  const argv = await ulogd2.prepare(server, dataDir)
  const url = embeddedUrl(server, 'owner', ulogd2.database)
  const client = await connect(url)
  const logger = lab.spawn(argv, { stdio: 'ignore' })
  const control = join(folder, 'softflowd')
  const exporter = lab.spawn(softflowd(control), { stdio: 'ignore' })
  const names = new Names(lab, folder)
  const postmaster = postmasterOf(dataDir)
  await subscribed(lab, logger)
  const statistics = (name: string): number => {
    const text = lab.tool(['softflowctl', '-c', control, 'statistics'])
    return Number(new RegExp(`${name}: (\\d+)`).exec(text)?.[1])
  }
  const running = (): number[] => [logger, exporter].map(({ pid = 0 }) => pid)
  const counts = async (): Promise<Counts> => {
    const { rows } = await client.query<{ n: string }>(ulogd2.countSql)
    const drops = eventSockets(lab.gateway).reduce((sum, socket) => sum + socket.drops, 0)
    return {
      rows: Number(rows[0]?.n),
      packets: names.packets,
      packetsLost: names.lost + statistics('Packets dropped by libpcap'),
      overruns: drops,
      exported: statistics('Flows exported'),
      namesLost: names.lost,
    }
  }
  return {
    name: rivalName,
    pid: logger.pid ?? 0,
    prober: [url],
    counts,
    begin: () => names.begin(),
    end: () => names.end(),
    cpu: () => {
      const own = names.pid === undefined ? 0 : cpuSeconds(names.pid)
      const others = running().reduce((sum, pid) => sum + cpuSeconds(pid), 0)
      return [own + names.cpu + others, serverCpu(postmaster)]
    },
    threads: () => [...running().map(cpuSeconds), names.cpu],
    residentBytes() {
      const pids = [...running(), ...(names.pid === undefined ? [] : [names.pid])]
      return pids.reduce((sum, pid) => sum + statusBytes(pid, 'VmRSS'), 0)
    },
    async stop() {
      await names.end()
      await client.end()
      for (const child of [logger, exporter]) {
        const ended = once(child, 'exit')
        child.kill('SIGKILL')
        await ended
      }
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
