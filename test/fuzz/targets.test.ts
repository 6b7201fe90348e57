import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Runs `scripts/fuzz.ts`, which reads samples out of files of tests and so has a process of its
 * own. FUZZ_MINUTES runs it for longer.
 */
async function fuzz(
  ...given: readonly string[]
): Promise<{ code: unknown; out: string; err: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/fuzz.ts', ...given], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const [code] = (await once(child, 'close')) as [unknown]
  return { code, out, err }
}

test('every decoder has a target, every file of a protocol among them', async () => {
  const { out } = await fuzz('--list')
  const files = out
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => line.split(/\s+/).slice(1))
  expect(files.filter((file) => !existsSync(`${root}/${file}`))).toEqual([])
  const protocols = readdirSync(`${root}/classifier/protocols`)
    .filter((name) => name !== 'protocol.ts')
    .map((name) => `classifier/protocols/${name}`)
  expect(protocols.filter((file) => !files.includes(file))).toEqual([])
})

test('none throws, hangs, or costs its neighbours, whatever it is given', async () => {
  const { code, err } = await fuzz('--minutes', process.env['FUZZ_MINUTES'] ?? '0.4')
  expect(err).toMatch(/\d+ inputs/)
  expect(code, err).toBe(0)
}, 0)
