import { setTimeout as sleep } from 'node:timers/promises'
import { loseDatabaseFor } from './database-faults.ts'
import { checkProofs } from './disk-faults.ts'
import { endBackends } from './faults.ts'
import type { Fault } from './faults.ts'

const apart = { apart: true } as const

/** systemd starts a unit again after so long (RestartSec, ms). */
const restartMs = 5000

/** Faults of the two halves, each with log-ins and a data directory of its own. */
export const apartFaults: readonly Fault[] = [
  {
    name: 'apart-kill-collect',
    text: '`collect` and `serve` apart: kill -9 of `collect`, a new start 5 s later',
    world: apart,
    async happen(world) {
      await world.units[0]?.end('SIGKILL')
      await sleep(restartMs)
      await world.startProgram()
    },
    check: checkProofs,
  },
  {
    name: 'apart-kill-serve',
    text: 'kill -9 of `serve`, a new start 5 s later',
    world: apart,
    async happen(world) {
      await world.units[1]?.end('SIGKILL')
      await sleep(restartMs)
      await world.startProgram()
    },
    check: checkProofs,
  },
  {
    name: 'apart-kill-both',
    text: 'kill -9 of both, `serve` is back before `collect`',
    world: apart,
    async happen(world) {
      for (const unit of world.units) await unit.end('SIGKILL')
      await world.units[1]?.start()
      await sleep(restartMs)
      await world.startProgram()
    },
    check: checkProofs,
  },
  {
    name: 'apart-database-killed',
    text: 'kill -9 of all of PostgreSQL, a new start 6 s later',
    world: apart,
    happen: (world) => loseDatabaseFor(world, 6000),
    check: checkProofs,
  },
  {
    name: 'apart-kill-without-database',
    text: 'kill -9 of both while PostgreSQL is stopped; the database is back first',
    world: apart,
    async happen(world) {
      await world.stopDatabase()
      await sleep(2000)
      for (const unit of world.units) await unit.end('SIGKILL')
      await sleep(2000)
      await world.startDatabase()
      await world.startProgram()
    },
    check: checkProofs,
  },
  {
    name: 'apart-backends',
    text: 'the database ends every connection ten times a second, those of `serve` too',
    world: apart,
    happen: endBackends,
    check: checkProofs,
  },
]
