import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { allCommands, commandTree } from '../../cli/command-tree.ts'
import { buildProgram } from '../../cli/program.ts'

const commands = fileURLToPath(new URL('../../cli/commands', import.meta.url))
const textOf = (file: string): string => readFileSync(`${commands}/${file}`, 'utf8')

test('every command that shows how far it is says what comes of it where it is run again', () => {
  const long = readdirSync(commands).filter((file) =>
    /\b(commandProgress|filesProgress|showProgress|showQueries)\b/.test(textOf(file))
  )
  expect(long.length).toBeGreaterThan(15)
  const silent = long.filter((file) => !textOf(file).includes('withRunAgain('))
  expect(silent).toEqual([])
})

test('every import does', () => {
  const all = allCommands(commandTree(buildProgram()))
  const imports = all.filter(({ path }) => path[0] === 'import' && path.length === 2)
  const named = imports.filter(({ path }) => path[1] !== 'help')
  expect(named.length).toBeGreaterThan(10)
  for (const { path, after } of named) {
    expect(after, path.join(' ')).toMatch(/^Run again:\n {2}\S/)
    for (const line of after.split('\n').slice(1, 4)) expect(line.length).toBeLessThan(80)
  }
})
