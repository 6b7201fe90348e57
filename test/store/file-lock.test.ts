import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { lockFile, withFileLock } from '../../store/file-lock.ts'

let directory = ''

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flowledger-lock-'))
})
afterAll(() => rm(directory, { recursive: true }))

it('lets one in at a time', async () => {
  const path = join(directory, 'one')
  let inside = 0
  let most = 0
  const enter = (): Promise<void> =>
    withFileLock(path, async () => {
      most = Math.max(most, ++inside)
      await new Promise((resolve) => setTimeout(resolve, 5))
      inside--
    })
  await Promise.all(Array.from({ length: 8 }, enter))
  expect(most).toBe(1)
})

it('is shared until one is alone with it', async () => {
  const path = join(directory, 'shared')
  const first = await lockFile(path, 'shared')
  const second = await lockFile(path, 'shared')
  expect(first.makeExclusive()).toBe(false)
  await second.release()
  expect(first.makeExclusive()).toBe(true)
  await first.release()
})

it('is free again once its holder was killed', async () => {
  const path = join(directory, 'killed')
  const source = new URL('../../store/file-lock.ts', import.meta.url).href
  const script = `const { lockFile } = await import(${JSON.stringify(source)})
    await lockFile(${JSON.stringify(path)}, 'exclusive')
    console.log('held'); setInterval(() => {}, 1000)`
  const holder = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(holder.stdout, 'data')
  let taken = false
  const lock = lockFile(path, 'exclusive').then((held) => {
    taken = true
    return held
  })
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(taken, 'while the holder lives').toBe(false)
  holder.kill('SIGKILL')
  await (await lock).release()
  expect(taken).toBe(true)
})
