import { spawn, spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { expect } from 'vitest'
import { collect } from '../../cli/demo/children.ts'
import { commandsOf } from '../how-to/page-commands.ts'
import { programMissing, rootMissing } from '../skip.ts'

export const checkout = resolve(import.meta.dirname, '../..')

/** Runs a program to its end; it takes as long as it takes. */
export async function run(folder: string, program: string, ...argv: string[]): Promise<string> {
  // Packed only to be unpacked: to compress would take longer than all the rest.
  const env = { ...process.env, DPKG_DEB_COMPRESSOR_TYPE: 'none' }
  const { code, stdout, stderr } = await collect(spawn(program, argv, { cwd: folder, env }))
  expect(code, stdout + stderr).toBe(0)
  return stdout.trim()
}

/** Runs one of our scripts; what it found true, a line each. */
export const found = async (name: string, ...argv: string[]): Promise<string[]> =>
  (await run(checkout, join(checkout, 'scripts', name), ...argv))
    .split('\n')
    .filter((line) => line.startsWith('ok: '))

/** Types commands as they stand in a page: for each of these beginnings the one that has it. */
export function type(folder: string, page: string, ...words: string[]): Promise<string> {
  const commands = words.map((each) => {
    const command = commandsOf(page).find(({ text }) => text.startsWith(each))
    if (command === undefined) throw new Error(`${page} has no ${each}`)
    return command.text
  })
  return run(folder, 'bash', '-ec', commands.join('\n'))
}

/** Reason why no root of Debian can be made here. */
export function debianMissing(): string | undefined {
  const without =
    rootMissing() ?? ['debootstrap', 'apt-get', 'curl'].map(programMissing).find(Boolean)
  if (without !== undefined) return without
  const format = ['--format', '$(REPO_URI)', 'Codename: bookworm', 'Component: main']
  const { stdout } = spawnSync('apt-get', ['indextargets', ...format], { encoding: 'utf8' })
  const source = stdout.split('\n')[0] ?? ''
  if (source === '') return 'apt has no packages of Debian 12'
  const argv = ['-fsI', '-m', '20', new URL('dists/bookworm/InRelease', source).href]
  return spawnSync('curl', argv).status === 0 ? undefined : "Debian's packages are not within reach"
}
