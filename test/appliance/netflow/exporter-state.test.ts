import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ExporterState } from '../../../appliance/netflow/exporter-state.ts'
import { skipDisks, useDisks } from '../../store/small-disk.ts'

const sure = (): Promise<boolean> => Promise.resolve(true)

describe.skipIf(skipDisks)('what is known of exporters', () => {
  const disks = useDisks()

  test('stays as it was on a full disk, and is kept once there is room', async () => {
    const directory = disks.tmpfs(1)
    let told = 'first'
    const state = new ExporterState(directory, () => told, sure)
    expect(state.read()).toBe('')
    expect(await state.save()).toBe(true)
    const { bavail, bsize } = statfsSync(directory)
    writeFileSync(join(directory, 'other'), Buffer.alloc(bavail * bsize))
    told = 'second'
    expect(await state.save()).toBe(false)
    expect(state.read()).toBe('first')
    rmSync(join(directory, 'other'))
    expect(await state.save()).toBe(true)
    expect(state.read()).toBe('second')
  })

  test('is not kept where the rows that it speaks of are not', async () => {
    const directory = disks.tmpfs(1)
    let isSafe = true
    let told = 'first'
    const state = new ExporterState(
      directory,
      () => told,
      () => Promise.resolve(isSafe)
    )
    await state.save()
    isSafe = false
    told = 'second'
    await state.end()
    expect(state.read()).toBe('first')
  })
})
