import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { sealHours } from '../../store/archive/seal.ts'
import { runFlowledger } from '../cli/run-flowledger.ts'
import type { Fault } from './faults.ts'
import { limitIo } from './io-limit.ts'
import type { World } from './world.ts'

const kind = { disk: 'ext4' } as const
const hourUs = 3600e6

/** Seals this hour, which is not over, and drops its table. */
async function seal(one: World): Promise<void> {
  await sealHours({
    dataDir: one.dataDir,
    directory: join(one.dataDir, 'archive'),
    ownerUrl: one.url(),
    actor: 'test',
    nowUs: Date.now() * 1000 + 2 * hourUs,
    olderThanUs: 0,
  })
}

/** What has to be true after any loss of power: the audit holds, and so do sealed files. */
function checkProofs({ folder }: World): string[] {
  return ['verify-audit', 'verify-archive'].flatMap((command) => {
    const { code, stderr } = runFlowledger([command, '--config', join(folder, 'config.yaml')])
    return code === 0 ? [] : [`${command}: ${stderr.trim()}`]
  })
}

/** Faults of a disk that is one: ext4 on a device. */
export const diskFaults: readonly Fault[] = [
  {
    name: 'power-spool',
    text: 'power cut of the disk of the spool; the database is elsewhere and has gone on',
    world: kind,
    async happen(one) {
      await one.cutPower()
      await one.startProgram()
    },
    check: checkProofs,
  },
  {
    name: 'power-sealed',
    text: 'power cut of that disk, right after the hour was sealed and its table dropped',
    world: kind,
    async happen(one) {
      await one.exporter.pause()
      await sleep(1500)
      await seal(one)
      await one.cutPower()
      await one.startProgram()
    },
    check: checkProofs,
  },
  {
    name: 'disk-hangs',
    text: 'the disk of the spool takes nothing for 6 s, as one that hangs',
    world: kind,
    async happen({ disk }) {
      disk.freeze()
      await sleep(6000)
      disk.thaw()
    },
  },
  {
    name: 'disk-slow',
    text: 'the disk of the spool takes 5 writes a second, for 8 s',
    world: kind,
    async happen(one) {
      const release = limitIo(one.pids(), one.disk.device, 5)
      await sleep(8000)
      release()
    },
  },
  {
    name: 'power-all',
    text: 'power cut of the machine: spool and PostgreSQL on one disk',
    world: { disk: 'ext4', database: 'on the disk' },
    async happen(one) {
      await one.cutPower()
      // Gives back the locks of the server that is no more.
      await one.stopDatabase()
      await one.startDatabase()
      await one.startProgram()
    },
    check: checkProofs,
  },
]
