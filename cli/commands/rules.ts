import type { Command } from 'commander'
import { exitCodes } from '../../model/errors.ts'
import { loadAloud, withExamples, withExit, withListenOption } from '../common-options.ts'
import type { CommonFlags } from '../config/layers.ts'
import { print, say, table } from '../output.ts'
import { outputOption } from '../output-option.ts'
import { tokenFileOption } from '../token-principal.ts'

interface RulesCommandFlags extends CommonFlags {
  readonly tokenFile?: string
  readonly output: 'table' | 'json'
}

/** The answer of `/v1/rules/…`. */
interface Changes {
  readonly tried: number
  readonly changes: readonly { from: string | null; to: string | null; flows: number }[]
}

/** Asks the running program by its API: so the right is checked, and the audit knows. */
async function ask(flags: RulesCommandFlags, method: 'GET' | 'POST', act: string) {
  const { config } = await loadAloud(flags)
  const { askApi } = await import('../ask-api.ts')
  const body = await askApi(config, flags.tokenFile, `/v1/rules/${act}`, {}, method)
  return body as unknown as Changes
}

function show({ tried, changes }: Changes, output: 'table' | 'json'): void {
  if (output === 'json') return print(JSON.stringify({ tried, changes }))
  const rows = changes.map(({ from, to, flows }) => [String(flows), from ?? '-', to ?? '-'])
  if (rows.length > 0) print(table([['flows', 'was', 'is then'], ...rows]))
  const named = changes.reduce((sum, { flows }) => sum + flows, 0)
  say(`${named} of ${tried} recent flows are named otherwise.`)
}

async function plan(flags: RulesCommandFlags): Promise<number> {
  show(await ask(flags, 'GET', 'plan'), flags.output)
  return exitCodes.ok
}

async function rollback(flags: RulesCommandFlags): Promise<number> {
  show(await ask(flags, 'POST', 'rollback'), flags.output)
  say('The rules from before the last reload are in force, until files are read anew.')
  return exitCodes.ok
}

/** Adds `rules`: those in force in the running program. */
export function addRules(program: Command): void {
  const command = program
    .command('rules')
    .description('the rules of the running program: what a reload would change, and back')
  const add = (name: string, text: string): Command =>
    withListenOption(command.command(name))
      .description(text)
      .addOption(outputOption('table', 'json'))
      .option(...tokenFileOption)
  add('plan', 'read the files, and say what they would change on recent flows').action(
    withExit(plan)
  )
  add('rollback', 'put the rules back that were in force before the last reload').action(
    withExit(rollback)
  )
  withExamples(command, [
    ['rules plan', 'before the program is told to read them (SIGHUP)'],
    ['rules rollback', 'when they turn out wrong'],
  ])
}
