import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { knownKeys } from '../../cli/config/known-keys.ts'
import { allCommands, commandTree } from '../../cli/command-tree.ts'
import { buildProgram } from '../../cli/program.ts'
import { manPages } from '../../scripts/man-pages.ts'
import { programMissing, skipUnless } from '../skip.ts'

const pages = manPages()
const root = commandTree(buildProgram())

/** What a terminal shows of a page, and what the formatter complains of. */
function shown(page: string): { text: string; complaints: string } {
  const argv = ['-man', '-Tutf8', '-ww', '-P-cbou', '-rLL=200n']
  const { stdout, stderr } = spawnSync('groff', argv, { input: page, encoding: 'utf8' })
  return { text: stdout.replaceAll(/[−‐]/g, '-').replaceAll(/\s+/g, ' '), complaints: stderr }
}

describe.skipIf(skipUnless('program', programMissing('groff')))(
  'man pages as groff shows them',
  () => {
    test.each(
      root.children.filter(({ path }) => path[0] !== 'help').map((node) => [node.path[0], node])
    )('flowledger-%s(1) has every option that help has', (name, node) => {
      const { text, complaints } = shown(pages[`flowledger-${String(name)}.1`] ?? '')
      expect(complaints).toBe('')
      const own = allCommands(node).filter(({ path }) => path.at(-1) !== 'help')
      for (const { usage, options, after } of own) {
        expect(text).toContain(usage)
        for (const { term } of options) expect(text).toContain(term)
        for (const line of after.split('\n').filter((one) => !/^\S.*:$/.test(one))) {
          expect(text).toContain(line.trim().replaceAll(/\s+/g, ' '))
        }
      }
    })

    test('flowledger(1) names every command, flowledger.yaml(5) every key', () => {
      const main = shown(pages['flowledger.1'] ?? '')
      const keys = shown(pages['flowledger.yaml.5'] ?? '')
      expect(main.complaints + keys.complaints).toBe('')
      for (const name of Object.keys(pages).filter((file) => file.startsWith('flowledger-'))) {
        expect(main.text).toContain(name.replace('.1', '(1)'))
      }
      for (const { path, env } of knownKeys()) {
        expect(keys.text).toContain(path.join('.'))
        expect(keys.text).toContain(env)
      }
    })
  }
)
