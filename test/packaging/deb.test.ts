import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { namespacesMissing, programMissing, skipUnless } from '../skip.ts'
import { checkout, debianMissing, found, type } from './debian.ts'

/*
 * The package is built as the pages say, and then installed on what there is: a Debian with nothing
 * in it where one can be made, else a copy of this machine.
 */

const missing = namespacesMissing() ?? programMissing('dpkg-deb') ?? programMissing('unshare')
const noDebian = debianMissing()
const noPodman = noDebian ?? programMissing('podman') ?? programMissing('crun')
/** For what hangs: hundreds of packages are unpacked here, and a machine is booted (ms). */
const patience = 600_000
const folder = mkdtempSync(join(tmpdir(), 'flowledger-deb-'))
const base = join(folder, 'debian')
afterAll(() => rmSync(folder, { recursive: true }))

describe.skipIf(skipUnless('program', missing))('a package', { timeout: patience }, () => {
  const clone = join(folder, 'flowledger')
  let path: string
  beforeAll(async () => {
    // What stands for the address of the repository in the page is one here.
    symlinkSync(checkout, join(folder, '…'))
    const install = 'docs/how-to/install.md'
    const said = await type(folder, install, 'git clone …', 'npm ci && scripts/build-deb.sh')
    path = join(clone, said.split('\n').at(-1) ?? '')
  }, patience)
  beforeAll(async () => {
    if (noDebian === undefined) await found('debian-base.sh', base)
  }, patience)

  test('is installed, used, upgraded with data in it, removed and purged', async () => {
    const over = noDebian === undefined ? ['--base', base] : []
    const lines = await found('try-deb.sh', ...over, path, path)
    expect(lines.length).toBeGreaterThanOrEqual(8)
    expect(lines.join('\n')).toMatch(/same answer, token and audit are there/)
  })

  test.skipIf(skipUnless('program', noPodman))(
    'runs in a container, as its page says',
    async () => {
      const built = await type(clone, 'docs/how-to/container.md', 'scripts/build-deb.sh')
      // Of the same commit, in another folder: the same octets.
      expect(readFileSync(join(clone, built)).equals(readFileSync(path))).toBe(true)
      const given = ['--base', base, '--package', join(clone, built)]
      const lines = await found('try-container.sh', ...given)
      expect(lines).toHaveLength(6)
    }
  )

  test.skipIf(skipUnless('program', programMissing('systemd-analyze')))(
    'runs by systemd as process 1, as the pages say',
    async () => {
      const lines = await found('try-systemd.sh', path)
      expect(lines).toHaveLength(11)
    }
  )
})
