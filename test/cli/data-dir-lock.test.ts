import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockDataDir } from '../../cli/data-dir-lock.ts'
import { FlowledgerError } from '../../model/errors.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowledger-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A process that holds the lock, and a child of its own that outlives it. */
async function holderProcess(dataDir: string) {
  const module = new URL('../../cli/data-dir-lock.ts', import.meta.url).href
  const code = `
    import { lockDataDir } from ${JSON.stringify(module)}
    import { spawn } from 'node:child_process'
    lockDataDir(${JSON.stringify(dataDir)}, 'up')
    const child = spawn('sleep', ['30'], { stdio: 'ignore', detached: true })
    console.log(child.pid)
    setInterval(() => {}, 1000)`
  const argv = ['--import', 'tsx', '--input-type=module', '--eval', code]
  const holder = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(holder.stdout, 'data')) as [Buffer]
  return { holder, grandchild: Number(line.toString()) }
}

test('makes the directory so that others may pass through and not look', () => {
  const dataDir = join(folder, 'a/b')
  const lock = lockDataDir(dataDir, 'up')
  expect(statSync(dataDir).mode & 0o777).toBe(0o711)
  lock.release()
})

test('the second one is told who has it; a released one is free', () => {
  const lock = lockDataDir(folder, 'up')
  try {
    lockDataDir(folder, 'collect')
    expect.unreachable()
  } catch (error) {
    expect(error).toBeInstanceOf(FlowledgerError)
    const { code, message, exitCode } = error as FlowledgerError
    expect(code).toBe('data-dir-in-use')
    expect(message).toBe(`${folder} is in use by process ${process.pid} (flowledger up).`)
    expect(exitCode).toBe(3)
  }
  lock.release()
  lockDataDir(folder, 'collect').release()
})

test('kill -9 leaves nothing behind, even where a child of the killed one lives on', async () => {
  const { holder, grandchild } = await holderProcess(folder)
  try {
    expect(() => lockDataDir(folder, 'collect')).toThrow(`process ${holder.pid} (flowledger up)`)
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    expect(() => process.kill(grandchild, 0)).not.toThrow()
    lockDataDir(folder, 'collect').release()
  } finally {
    holder.kill('SIGKILL')
    process.kill(grandchild, 'SIGKILL')
  }
})
