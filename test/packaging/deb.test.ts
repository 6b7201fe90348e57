import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { namespacesMissing, programMissing, skipUnless } from '../skip.ts'

const scriptOf = (name: string): string =>
  fileURLToPath(new URL(`../../scripts/${name}`, import.meta.url))

const missing = namespacesMissing() ?? programMissing('dpkg-deb') ?? programMissing('unshare')
const folder = mkdtempSync(join(tmpdir(), 'flowledger-deb-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs a script of ours; it takes as long as it takes. */
function run(name: string, ...argv: string[]): string {
  const options = { encoding: 'utf8', maxBuffer: 1e8 } as const
  const { status, stdout, stderr } = spawnSync(scriptOf(name), argv, options)
  expect(status, stdout + stderr).toBe(0)
  return stdout.trim()
}

test.skipIf(skipUnless('program', missing))(
  'a package is built, installed, used, upgraded with data in it, removed and purged',
  () => {
    const path = run('build-deb.sh', '--compression', 'none', folder)
    const found = run('try-deb.sh', path, path)
    expect(found.split('\n').filter((line) => line.startsWith('ok: '))).toHaveLength(9)
    expect(found).toMatch(/same answer, token and audit are there/)
  }
)
