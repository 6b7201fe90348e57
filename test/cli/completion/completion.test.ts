import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { allCommands, commandTree } from '../../../cli/command-tree.ts'
import { buildProgram } from '../../../cli/program.ts'
import { programMissing, skipUnless } from '../../skip.ts'
import { runFlowledger } from '../run-flowledger.ts'

/** Each script is asked by its own shell, as a person with the Tab key asks it. */
const root = commandTree(buildProgram())
const shells = ['bash', 'zsh', 'fish'] as const
let folder = ''
const scriptOf = (shell: string): string => join(folder, shell)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowledger-completion-'))
  for (const shell of shells) {
    const { code, stdout, stderr } = runFlowledger(['completion', shell])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    writeFileSync(scriptOf(shell), stdout)
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(program: string, argv: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, argv, { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
}

describe.skipIf(skipUnless('program', programMissing('bash')))('bash', () => {
  /** Answers for many command lines at once; the last word of each is being typed. */
  function complete(lines: readonly (readonly string[])[]): string[][] {
    const ask = `source "$1"; while IFS=$'\\t' read -r -a COMP_WORDS; do
      COMP_WORDS[-1]="\${COMP_WORDS[-1]#.}"; COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
      _flowledger flowledger; echo "\${COMPREPLY[*]}"; done <"$2"`
    const input = join(folder, 'lines')
    // Bash drops an empty last word, so each is marked with a dot.
    const marked = lines.map((words) => ['flowledger', ...words.slice(0, -1), `.${words.at(-1)}`])
    writeFileSync(input, marked.map((words) => `${words.join('\t')}\n`).join(''))
    const out = run('bash', ['--norc', '-c', ask, 'bash', scriptOf('bash'), input])
    return out
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => line.split(' ').filter((word) => word !== ''))
  }

  test('knows every command, option and choice that help shows', () => {
    const commands = allCommands(root)
    const options = complete(commands.map(({ path }) => [...path, '-']))
    const words = complete(commands.map(({ path }) => [...path, '']))
    for (const [at, node] of commands.entries()) {
      expect(options[at], node.usage).toEqual(node.options.flatMap(({ names }) => names))
      const children = node.children.map(({ path }) => path.at(-1))
      expect(words[at], node.usage).toEqual([...children, ...node.operands])
      for (const { names, choices } of node.options) {
        if (choices.length === 0) continue
        expect(complete([[...node.path, names[0] ?? '', '']]), node.usage).toEqual([choices])
      }
    }
  })

  test('a word begun, a value that looks like a command, a topic of help, a file', () => {
    expect(
      complete([
        ['look'],
        ['lookup', '--tol'],
        ['lookup', '--case', 'token', '-o', 'j'],
        ['token', '--config', 'up', 'ro'],
        ['help', 'ver'],
        ['check-config', '--config', '/et'],
      ])
    ).toEqual([
      ['lookup'],
      ['--tolerance'],
      ['json'],
      ['rotate'],
      ['verify', 'verify-audit', 'verify-archive', 'version'],
      [],
    ])
  })
})

describe.skipIf(skipUnless('program', programMissing('fish')))('fish', () => {
  const complete = (line: string): string[] =>
    run('fish', ['-N', '-c', `source ${scriptOf('fish')}; complete -C '${line}'`])
      .trimEnd()
      .split('\n')
      .map((row) => row.split('\t')[0] ?? '')

  test('commands, options and choices', () => {
    expect(complete('flowledger look')).toEqual(['lookup'])
    expect(complete('flowledger token ro')).toEqual(['rotate'])
    expect(complete('flowledger lookup --tol')).toEqual(['--tolerance'])
    expect(complete('flowledger lookup -o j')).toContain('json')
  })
})

describe.skipIf(skipUnless('program', programMissing('zsh')))('zsh', () => {
  test('commands and choices, through what _describe is handed', () => {
    const ask = `
      compdef() { :; }; _describe() { print -rl -- "\${(@P)argv[-1]}"; }; _files() { print files; }
      source "$1"; words=(flowledger "\${@:2}"); CURRENT=$#words; _flowledger`
    const complete = (...words: string[]): string[] =>
      run('zsh', ['-f', '-c', ask, 'zsh', scriptOf('zsh'), ...words])
        .trimEnd()
        .split('\n')
        .map((row) => row.split(':')[0] ?? '')
    expect(complete('')).toEqual(root.children.map(({ path }) => path[0]))
    expect(complete('lookup', '-')).toContain('--tolerance')
    expect(complete('lookup', '-o', '')).toEqual(['table', 'json', 'csv'])
    expect(complete('check-config', '--config', '')).toEqual(['files'])
  })
})
