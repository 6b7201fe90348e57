import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { namespacesMissing, programMissing, skipUnless } from '../skip.ts'
import { checkout, debianMissing, found, run, type } from './debian.ts'

/*
 * The package is built once, as the page of the container says, and then installed on what there is:
 * a Debian with nothing in it where one can be made, else a copy of this machine.
 */
const missing = namespacesMissing() ?? programMissing('dpkg-deb') ?? programMissing('unshare')
const noDebian = debianMissing()
const noPodman = noDebian ?? programMissing('podman') ?? programMissing('crun')
const folder = mkdtempSync(join(tmpdir(), 'flowledger-deb-'))
const base = join(folder, 'debian')
afterAll(() => rmSync(folder, { recursive: true }))

describe.skipIf(skipUnless('program', missing))('a package', () => {
  let path: string
  beforeAll(async () => {
    const clone = join(folder, 'flowledger')
    await run(folder, 'git', 'clone', '-q', checkout, clone)
    symlinkSync(join(checkout, 'node_modules'), join(clone, 'node_modules'))
    const built = await type(clone, 'docs/how-to/container.md', 'scripts/build-deb.sh')
    path = join(clone, built)
  })
  beforeAll(async () => {
    if (noDebian === undefined) await found('debian-base.sh', base)
  })

  test('is installed, used, upgraded with data in it, removed and purged', async () => {
    const over = noDebian === undefined ? ['--base', base] : []
    const lines = await found('try-deb.sh', ...over, path, path)
    expect(lines.length).toBeGreaterThanOrEqual(8)
    expect(lines.join('\n')).toMatch(/same answer, token and audit are there/)
  })

  test.skipIf(skipUnless('program', noPodman))(
    'runs in a container, as its page says',
    async () => {
      const lines = await found('try-container.sh', '--base', base, '--package', path)
      expect(lines).toHaveLength(6)
    }
  )
})
