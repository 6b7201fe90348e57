import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { badPath, straight } from './exporter.ts'
import { judge, newestGap } from './judge.ts'
import type { Judgement } from './judge.ts'
import type { World } from './world.ts'

/** Something that goes wrong while connections are told of. */
export interface Fault {
  readonly name: string
  /** What happens, for the table. */
  readonly text: string
  readonly happen: (world: World) => Promise<void>
}

const megabyte = Buffer.alloc(1 << 20, 1)

/** Fills the disk that the spool stands on to its last octet. */
function fillDisk({ dataDir }: World): string {
  const path = join(dataDir, 'junk')
  const fd = openSync(path, 'w')
  try {
    for (;;) writeSync(fd, megabyte)
  } catch {
    return path
  } finally {
    closeSync(fd)
  }
}

async function endBackends(world: World): Promise<void> {
  const sql = `select pg_terminate_backend(pid) from pg_stat_activity
    where pid <> pg_backend_pid() and datname = current_database()`
  for (let i = 0; i < 25; i++) {
    await world.query(sql).catch(() => [])
    await sleep(100)
  }
}

function limitDescriptors(pid: number, most: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(pid), `--nofile=${most}:`])
}

/** Every fault; the first one is that which CI has time for. */
export const faults: readonly Fault[] = [
  {
    name: 'kill',
    text: 'kill -9 of the program, a new start 2 s later',
    async happen(world) {
      await world.endProgram('SIGKILL')
      await sleep(2000)
      await world.startProgram()
    },
  },
  {
    name: 'backends',
    text: 'the database ends every connection ten times a second, in the middle of COPY too',
    happen: endBackends,
  },
  {
    name: 'disk-full',
    text: 'the disk of the spool is full for 3 s',
    async happen(world) {
      const junk = fillDisk(world)
      await sleep(3000)
      rmSync(junk)
    },
  },
  {
    name: 'bad-path',
    text: 'a tenth of all datagrams lost, a tenth twice, a fifth late, for 3 s',
    async happen({ exporter }) {
      exporter.way = badPath()
      await sleep(3000)
      exporter.way = straight
      // What was overtaken may still come for five seconds; then it is lost, and said to be.
      await sleep(6000)
    },
  },
  {
    name: 'pause',
    text: 'SIGSTOP for 4 s, then SIGCONT',
    async happen({ program }) {
      program?.kill('SIGSTOP')
      await sleep(4000)
      program?.kill('SIGCONT')
    },
  },
  {
    name: 'flood',
    text: '60 000 datagrams at once while the program stands still: the socket overflows',
    async happen({ program, exporter }) {
      program?.kill('SIGSTOP')
      await exporter.burst(60_000)
      program?.kill('SIGCONT')
    },
  },
  {
    name: 'database-stopped',
    text: 'PostgreSQL stopped for 6 s',
    async happen(world) {
      await world.stopDatabase()
      await sleep(6000)
      await world.startDatabase()
    },
  },
  {
    name: 'descriptors',
    text: 'no descriptor is left for 4 s, while the database ends every connection',
    async happen(world) {
      const pid = world.program?.pid ?? 0
      limitDescriptors(pid, readdirSync(`/proc/${pid}/fd`).length)
      await endBackends(world)
      await sleep(1500)
      limitDescriptors(pid, 1024)
    },
  },
  {
    name: 'api-out-of-memory',
    text: 'the process of the API is killed, as the kernel does to one that takes too much',
    async happen(world) {
      for (const pid of world.pids().slice(1)) process.kill(pid, 'SIGKILL')
      await sleep(3000)
      if (world.program?.exitCode === null && world.program.signalCode === null) return
      await world.startProgram()
    },
  },
  {
    name: 'kill-on-full-disk',
    text: 'kill -9 on a full disk, a new start with room',
    async happen(world) {
      const junk = fillDisk(world)
      await sleep(1500)
      await world.endProgram('SIGKILL')
      rmSync(junk)
      await world.startProgram()
    },
  },
]

/** Lets a fault happen under load, and holds the ledger against what was told. */
export async function suffer(world: World, { happen }: Fault): Promise<Judgement> {
  const { exporter } = world
  const gaps = await newestGap(world)
  const first = exporter.told.length
  exporter.start(200)
  await sleep(1500)
  await happen(world)
  await sleep(2500)
  await exporter.pause()
  return judge(world, first, gaps)
}

/** What a judgement has against the program; empty where all is well. */
export function complaints({ twice, invented, uncovered, verdicts }: Judgement): string[] {
  const denied = Object.keys(verdicts).filter((verdict) => verdict !== 'no-data')
  return [
    ...(twice > 0 ? [`${twice} are in the ledger twice`] : []),
    ...(invented > 0 ? [`${invented} were never told of`] : []),
    ...(uncovered > 0 ? [`${uncovered} are missing, and no gap covers them`] : []),
    ...denied.map((verdict) => `a look-up of a missing one says ${verdict}`),
  ]
}
