import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { badPath, straight } from './exporter.ts'
import { limitMemory } from './memory-limit.ts'
import { judge, newestGap } from './judge.ts'
import type { Judgement } from './judge.ts'
import type { World, WorldKind } from './world.ts'

/** Something that goes wrong while connections are told of. */
export interface Fault {
  readonly name: string
  /** What happens, for the table. */
  readonly text: string
  /** Lets it happen; gives what was seen meanwhile that must not be. */
  readonly happen: (world: World) => Promise<void | readonly string[]>
  /** Where it happens; left out: in a plain one. */
  readonly world?: WorldKind
  /** Ends what still lasts while the ledger is asked. */
  readonly mend?: (world: World) => void
  /** What else has to be right afterwards; gives what is not. */
  readonly check?: (world: World) => readonly string[] | Promise<readonly string[]>
}

const megabyte = Buffer.alloc(1 << 20, 1)

/** Fills the disk that the spool stands on to its last octet. */
export function fillDisk({ dataDir }: World): string {
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

export async function endBackends(world: World): Promise<void> {
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
    name: 'out-of-memory',
    text: 'the kernel kills the program, which may have no more memory, while 60 000 datagrams come',
    async happen(world) {
      const { program, exporter } = world
      if (program?.pid === undefined) throw new Error('the program does not run')
      const gone = once(program, 'close')
      const release = limitMemory(program.pid, 4 << 20)
      await exporter.burst(60_000)
      await gone
      release()
      await world.startProgram()
    },
  },
  {
    name: 'bad-network',
    text: 'the network loses a tenth of all datagrams, repeats a tenth and reorders a fifth, for 4 s',
    world: { path: true },
    async happen({ path }) {
      path?.break()
      await sleep(4000)
      path?.mend()
      await sleep(6000)
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
export async function suffer(
  world: World,
  { happen, mend, check }: Fault
): Promise<Judgement & { readonly wrong: readonly string[] }> {
  const { exporter, nas } = world
  const gaps = await newestGap(world)
  const first = exporter.told.length
  exporter.start(200)
  nas.start(20)
  await sleep(1500)
  const seen = await happen(world)
  await sleep(2500)
  await exporter.pause()
  nas.pause()
  try {
    const judgement = await judge(world, first, gaps)
    const checked = (await check?.(world)) ?? []
    return { ...judgement, wrong: [...(seen ?? []), ...complaints(judgement), ...checked] }
  } finally {
    mend?.(world)
  }
}

/** What a judgement has against the program; empty where all is well. */
function complaints(judgement: Judgement): string[] {
  const { twice, invented, uncovered, verdicts, found, sessions } = judgement
  const denied = Object.keys(verdicts).filter((verdict) => verdict !== 'no-data')
  return [
    ...(twice > 0 ? [`${twice} are in the ledger twice`] : []),
    ...(invented > 0 ? [`${invented} were never told of`] : []),
    ...(uncovered > 0 ? [`${uncovered} are missing, and no gap covers them`] : []),
    ...denied.map((verdict) => `a look-up of a missing one says ${verdict}`),
    ...(sessions.lost > 0 ? [`${sessions.lost} sessions were answered and are not there`] : []),
    ...(sessions.twice > 0 ? [`${sessions.twice} sessions are there twice`] : []),
    ...(sessions.unanswered > 0 ? [`${sessions.unanswered} sessions are never answered`] : []),
    ...('no-match' in found ? ['a look-up of one that is in the ledger says no-match'] : []),
  ]
}
