import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tsxLoader } from '../../cli/demo/endpoint-control.ts'
import { makeFlowBatch } from '../../model/flow-batch.ts'
import { SpoolReader } from '../../store/spool-reader.ts'
import { programMissing, rootMissing, skipUnless } from '../skip.ts'
import { until } from '../until.ts'
import { Disk } from './disk.ts'
import { exportedIn } from './exported.ts'

const missing = rootMissing() ?? programMissing('mkfs.ext4') ?? programMissing('perl')

/** The serials of all rows that a spool holds. */
function rowsIn(directory: string): bigint[] {
  const reader = new SpoolReader(directory, { segment: 0, offset: 0 })
  const into = makeFlowBatch(1024)
  const ids: bigint[] = []
  for (let frame = reader.next(into); frame !== undefined; frame = reader.next(into)) {
    if (frame.kind !== 'slices') continue
    for (let row = 0; row < frame.batch.length; row++) {
      ids.push(BigInt(frame.batch.columns.flowId[2 * row] ?? -1))
    }
  }
  reader.close()
  return ids
}

describe.skipIf(skipUnless('program', missing))('exporting, and the power goes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-cut-'))
  /** On another disk, as a collector would be. */
  const collector = join(folder, 'collector')
  /** Below a file nothing can be made. */
  const away = join(folder, 'away', 'collector')
  let disk: Disk
  beforeAll(() => {
    mkdirSync(collector)
    writeFileSync(join(folder, 'away'), '')
    disk = new Disk(folder, 'ext4')
    mkdirSync(join(disk.path, 'data'))
  })
  afterAll(() => {
    disk.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function start(first: number, to = collector): ChildProcess {
    const child = fileURLToPath(new URL('./export-child.ts', import.meta.url))
    const argv = [join(disk.path, 'data'), to, String(first)]
    return spawn(process.execPath, ['--import', tsxLoader(), child, ...argv], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  }

  test('whatever the spool kept is told, over cuts at any time', async () => {
    let first = 0
    const spool = join(disk.path, 'data', 'spool')
    const cutOnce = async (child: ChildProcess, isTime: () => boolean): Promise<void> => {
      await until(isTime)
      child.kill('SIGSTOP')
      disk.cutPower()
      child.kill('SIGKILL')
      await once(child, 'close')
      disk.powerUp()
      first += 1_000_000
    }
    // A new target that is away: what it begins with is only in the spool.
    await cutOnce(start(first, away), () => existsSync(spool) && rowsIn(spool).length >= 500)
    for (const rows of [1, 300, 1500]) {
      const begun = first
      const told = (): number => [...exportedIn(collector)].filter((id) => id >= begun).length
      await cutOnce(start(first), () => told() >= rows)
    }
    const last = start(first)
    await until(() => exportedIn(collector).has(BigInt(first + 500)))
    last.kill('SIGTERM')
    await once(last, 'close')
    const kept = rowsIn(spool)
    expect(kept.length).toBeGreaterThan(1000)
    const told = exportedIn(collector)
    expect(kept.filter((id) => !told.has(id))).toEqual([])
  })
})
