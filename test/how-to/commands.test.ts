import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { buildProgram } from '../../cli/program.ts'
import { shieldRelativeTimes } from '../../cli/relative-time.ts'
import { commandsOf, pages } from './page-commands.ts'

/**
 * Every command of ours in every page is given to the command line as it stands there: it has to
 * know the command, each option and how many arguments there are, also where `pages.test.ts` cannot
 * run it.
 */

const root = resolve(import.meta.dirname, '../..')

/** A word of a shell: quoted, or up to a blank or an operator. */
const word = /(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\|&;<>])+|[|&;]+|\d?[<>]+&?/g

/** Takes quotes off, as a shell does; variables stay, they are arguments like others. */
const unquoted = (text: string): string =>
  text.replaceAll(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/g, (_, one, two, escaped) =>
    String(one ?? two ?? escaped)
  )

/** Simple commands of a line: split at operators, without comments and redirections. */
function simpleCommandsOf(line: string): string[][] {
  const commands: string[][] = [[]]
  let isTarget = false
  for (const [token] of line.replace(/(^|\s)#.*$/, '').matchAll(word)) {
    if (/^[|&;]+$/.test(token)) commands.push([])
    else if (/^\d?[<>]+&?$/.test(token)) isTarget = true
    else if (isTarget) isTarget = false
    else commands.at(-1)?.push(unquoted(token))
  }
  return commands.filter((command) => command.length > 0)
}

const lines = [...pages, 'CONTRIBUTING.md'].flatMap((page) =>
  commandsOf(page)
    .flatMap(({ text }) => text.replaceAll(/\\\n\s*/g, ' ').split('\n'))
    .flatMap((line) => simpleCommandsOf(line))
    .map((argv) => [page, argv] as const)
)

const ours = lines.flatMap(([page, argv]) => {
  const at = argv.findIndex((one) => /^(?:.*\/)?flowledger(?:\.js)?$/.test(one))
  const isOurs = at === 0 || (at === 1 && ['npx', 'sudo'].includes(argv[0] ?? ''))
  return isOurs ? [[page, argv.slice(at + 1)] as const] : []
})

/** All commands with nothing behind them: what is asked is whether they are understood. */
function understood(command: Command): Command {
  command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} })
  if (command.commands.length === 0) command.action(() => {})
  for (const one of command.commands) understood(one)
  return command
}

describe('commands in the pages', () => {
  test('are found', () => {
    expect(ours.length).toBeGreaterThan(70)
  })

  test.each([['lookupp'], ['report', '--form', '-1d'], ['key', 'shows'], ['lookup']])(
    'one that is wrong is told: %s %s',
    async (...argv) => {
      const typed = ['node', 'flowledger', ...argv]
      await expect(understood(buildProgram()).parseAsync(typed)).rejects.toThrow(/error: /)
    }
  )

  test.each(ours.map(([page, argv]) => ({ page, typed: argv.join(' '), argv })))(
    '$page: flowledger $typed',
    async ({ argv }) => {
      await understood(buildProgram()).parseAsync(
        shieldRelativeTimes(['node', 'flowledger', ...argv])
      )
    }
  )

  test('scripts and tasks are there', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    const missing = lines.flatMap(([page, argv]) => {
      const task = argv[0] === 'npm' && argv[1] === 'run' ? argv[2] : undefined
      if (task !== undefined && scripts[task] === undefined) return [`${page}: npm run ${task}`]
      return argv
        .filter((one) => /^(?:scripts|bench|test|\.ci)\/[\w./-]+$/.test(one))
        .filter((one) => !existsSync(join(root, one)))
        .map((one) => `${page}: ${one}`)
    })
    expect(missing).toEqual([])
  })
})
