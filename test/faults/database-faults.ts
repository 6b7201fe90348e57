import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkProofs } from './disk-faults.ts'
import { fillDisk } from './faults.ts'
import type { Fault } from './faults.ts'
import { familyOf, isRunning, postmasterOf } from './processes.ts'
import type { World } from './world.ts'

const onDisk = { disk: 'ext4', database: 'on the disk' } as const

/** Answers that are on their way when the database goes have left by then (ms). */
const underWayMs = 300

/**
 * Nobody may be told that a session is kept where there is nothing to keep it in. Gives what was
 * answered all the same.
 */
async function nobodyIsAnswered({ nas }: World, ms: number): Promise<string[]> {
  await sleep(underWayMs)
  const [told, before] = [nas.told, nas.answered.size]
  await sleep(ms)
  const answered = nas.answered.size - before
  if (nas.told === told) return ['no session was told while the database was gone']
  return answered === 0 ? [] : [`${answered} sessions were answered without a database`]
}

/** Kills every process of PostgreSQL. */
async function killDatabase({ serverDir }: World): Promise<void> {
  const victims = familyOf(postmasterOf(serverDir))
  for (const pid of victims) process.kill(pid, 'SIGKILL')
  while (victims.some(isRunning)) await sleep(20)
}

/** Kills PostgreSQL and starts it after a while, in which nobody may be answered. */
export async function loseDatabaseFor(world: World, ms: number): Promise<string[]> {
  await killDatabase(world)
  const seen = await nobodyIsAnswered(world, ms)
  await world.stopDatabase()
  await world.startDatabase()
  return seen
}

/** Starts it again where it has ended. */
async function reviveDatabase(world: World): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    const isThere = await world.query('select 1').then(
      () => true,
      () => false
    )
    if (isThere) return
    await sleep(500)
  }
  await world.stopDatabase()
  await world.startDatabase()
}

/** Faults of the database, which RADIUS accounting is not answered without. */
export const databaseFaults: readonly Fault[] = [
  {
    name: 'database-stopped',
    text: 'PostgreSQL stopped for 6 s',
    async happen(world) {
      await world.stopDatabase()
      const seen = await nobodyIsAnswered(world, 6000)
      await world.startDatabase()
      return seen
    },
  },
  {
    name: 'database-killed',
    text: 'kill -9 of all of PostgreSQL, a new start 4 s later',
    happen: (world) => loseDatabaseFor(world, 4000),
  },
  {
    name: 'disk-full-all',
    text: 'the disk of spool and PostgreSQL is full for 6 s',
    world: onDisk,
    async happen(world) {
      const junk = fillDisk(world)
      await sleep(6000)
      rmSync(junk)
      await reviveDatabase(world)
    },
    check: checkProofs,
  },
  {
    name: 'power-full',
    text: 'power cut of the machine while that disk is full',
    world: onDisk,
    async happen(world) {
      const junk = fillDisk(world)
      await sleep(3000)
      await world.cutPower()
      rmSync(junk, { force: true })
      await world.stopDatabase()
      await world.startDatabase()
      await world.startProgram()
    },
    check: checkProofs,
  },
]
