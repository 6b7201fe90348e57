import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { sealHours } from '../../store/archive/seal.ts'
import { runFlowledger } from '../cli/run-flowledger.ts'
import { Connections } from './connections.ts'
import { exportedIn } from './exported.ts'
import type { Fault } from './faults.ts'
import { limitIo } from './io-limit.ts'
import type { World } from './world.ts'

const kind = { disk: 'ext4' } as const
const hourUs = 3600e6
/** The exporter is up to a second behind the ledger; a busy machine takes longer. */
const exportTries = 40

/** Whatever the ledger has of the kernel's own connections was exported. */
async function checkExported(one: World): Promise<string[]> {
  const sql = `select flow_id::text as id from ledger.flow join ledger.source s on s.id = source
    where s.kind = 'conntrack'`
  for (let tries = 0; ; tries++) {
    const rows = await one.query<{ id: string }>(sql)
    const told = exportedIn(one.exported)
    const skipped = rows.filter(({ id }) => !told.has(BigInt.asUintN(64, BigInt(id))))
    if (rows.length === 0) return ['no connection was followed']
    if (skipped.length === 0) return []
    if (tries > exportTries) return [`${skipped.length} of ${rows.length} were not exported`]
    await sleep(500)
  }
}

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
export function checkProofs({ answering }: World): string[] {
  return ['verify-audit', 'verify-archive'].flatMap((command) => {
    const { code, stderr } = runFlowledger([command, '--config', answering.answering])
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
    name: 'power-export',
    text: 'power cut of that disk; connections of the kernel are followed and exported',
    world: { ...kind, path: true, exports: true },
    async happen(one) {
      const { programNamespace = '', address = '' } = one.path ?? {}
      const connections = new Connections(programNamespace, address)
      await sleep(4000)
      await one.cutPower()
      await one.startProgram()
      await sleep(4000)
      await connections.stop()
    },
    async check(one) {
      return [...checkProofs(one), ...(await checkExported(one))]
    },
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
