import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fillDisk } from './faults.ts'
import type { Fault } from './faults.ts'
import type { World } from './world.ts'

/** More than an hour: each step passes the edge of a partition. */
const hours = 3 * 3600
const days = 3 * 86_400
const kind = { clock: true } as const

/** The clock is off for a while, and then put right, as a time server does. */
async function stepped(world: World, aheadSeconds: number): Promise<void> {
  world.clock?.set(aheadSeconds)
  await sleep(4000)
  world.clock?.set(0)
}

/** Faults of the clock; the exporter's own and the database's go right. */
export const clockFaults: readonly Fault[] = [
  {
    name: 'clock-forward',
    text: 'the clock is set 3 h forward, and 4 s later right',
    world: kind,
    happen: (one) => stepped(one, hours),
  },
  {
    name: 'clock-back',
    text: 'the clock is set 3 h back, and 4 s later right',
    world: kind,
    happen: (one) => stepped(one, -hours),
  },
  {
    name: 'clock-stays-back',
    text: 'the clock is set 3 h back, and stays so while the ledger is asked',
    world: kind,
    happen({ clock }) {
      clock?.set(-hours)
      return sleep(3000)
    },
    mend: ({ clock }) => clock?.set(0),
  },
  {
    name: 'clock-days-back',
    text: 'the clock is set 3 days back, and 4 s later right',
    world: kind,
    happen: (one) => stepped(one, -days),
  },
  {
    name: 'clock-days-forward',
    text: 'the clock is set 3 days forward, and 4 s later right',
    world: kind,
    happen: (one) => stepped(one, days),
  },
  {
    name: 'clock-full-disk',
    text: 'the clock is set 3 h back while the disk of the spool is full for 3 s',
    world: kind,
    async happen(one) {
      const junk = fillDisk(one)
      await sleep(2000)
      one.clock?.set(-hours)
      await sleep(1000)
      rmSync(junk)
      await sleep(3000)
    },
    mend: ({ clock }) => clock?.set(0),
  },
  {
    name: 'clock-flood',
    text: 'the clock is set 3 h back while 60 000 datagrams come at once',
    world: kind,
    async happen({ clock, program, exporter }) {
      program?.kill('SIGSTOP')
      clock?.set(-hours)
      await exporter.burst(60_000)
      program?.kill('SIGCONT')
    },
    mend: ({ clock }) => clock?.set(0),
  },
  {
    name: 'clock-kill',
    text: 'kill -9, and the clock is 3 h behind at the new start, as without a battery',
    world: kind,
    async happen(one) {
      await one.endProgram('SIGKILL')
      one.clock?.set(-hours)
      await sleep(1000)
      await one.startProgram()
      await sleep(3000)
      one.clock?.set(0)
    },
  },
]
