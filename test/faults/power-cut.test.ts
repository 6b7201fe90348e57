import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ExporterState } from '../../appliance/netflow/exporter-state.ts'
import { makeFlowBatch } from '../../model/flow-batch.ts'
import { advanceAuditHead, readAuditHead } from '../../store/audit-head.ts'
import { openSigningKey } from '../../store/signing-key.ts'
import { SpoolReader } from '../../store/spool-reader.ts'
import { SpoolWriter } from '../../store/spool-writer.ts'
import { programMissing, rootMissing, skipUnless } from '../skip.ts'
import { batchOf } from '../store/flow-rows.ts'
import { Disk } from './disk.ts'

const missing = rootMissing() ?? programMissing('mkfs.ext4') ?? programMissing('perl')
const none = { watermarkUs: 0, closedThroughUs: 0 }
const flow = { source: '10.0.0.1 1', destination: '10.0.0.2 2', startUs: 1e15, endUs: 1e15 + 1 }

describe.skipIf(skipUnless('program', missing))('once the power is back', () => {
  let folder = ''
  let disk: Disk
  let directory = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flowledger-cut-'))
    disk = new Disk(folder, 'ext4')
    directory = join(disk.path, 'data')
    mkdirSync(directory)
  })
  afterEach(() => {
    disk.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function cut(): void {
    disk.cutPower()
    disk.powerUp()
  }

  const spoolOf = (more = {}): SpoolWriter =>
    new SpoolWriter({ directory, source: 't', maxBytes: 1 << 30, syncBytes: 1 << 20, ...more })

  function rowsKept(): number {
    const reader = new SpoolReader(directory, { segment: 0, offset: 0 })
    let rows = 0
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
      if (frame.kind === 'slices') rows += frame.batch.length
    }
    reader.close()
    return rows
  }

  test('the head of the audit is the one that who asked was answered behind', async () => {
    const key = await openSigningKey(directory)
    const heads = [1, 2, 3].map((id) => ({ id, hash: String(id).repeat(64) }))
    for (const head of heads) await advanceAuditHead(directory, head, key)
    cut()
    expect(await readAuditHead(directory)).toEqual(heads.at(-1))
    expect((await openSigningKey(directory)).id).toBe(key.id)
  })

  test('a segment has not the number of one that somebody has read', () => {
    const before = spoolOf()
    before.append('slices', batchOf([flow]), none)
    const { segment } = before.position
    cut()
    const after = spoolOf()
    expect(after.position.segment).toBeGreaterThan(segment)
    after.close()
  })

  test('what is known of exporters is there, and the rows that it speaks of', async () => {
    const gathered = makeFlowBatch(batchOf([flow]).length)
    for (const name of Object.keys(gathered.columns) as (keyof typeof gathered.columns)[]) {
      gathered.columns[name].set(batchOf([flow]).columns[name])
    }
    gathered.length = 1
    // It waits in memory to be written together with others.
    const spool = spoolOf({ gatherBytes: 256 << 10 })
    const state = new ExporterState(
      directory,
      () => {
        spool.append('slices', gathered, none)
        return '{"told":2}'
      },
      () => spool.sync()
    )
    spool.append('slices', gathered, none)
    expect(await state.save()).toBe(true)
    cut()
    expect(state.read()).toBe('{"told":2}')
    expect(rowsKept()).toBe(2)
  })
})
