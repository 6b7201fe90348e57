import type { Command } from 'commander'
import { commandGroups } from './commands.ts'
import { emptyProgram } from './empty-program.ts'

/** The command line with all its commands; nothing is run and nothing heavy is loaded yet. */
export function buildProgram(): Command {
  const program = emptyProgram()
  for (const { heading, commands } of commandGroups) {
    program.commandsGroup(heading)
    for (const add of commands) add(program)
  }
  // After the last group, so that help stands in it.
  program.helpCommand('help [command]', 'show help of a command')
  return program.addHelpText(
    'after',
    `
Exit codes: 0 an answer, 1 nobody had it or a check failed, 2 usage, 3 configuration,
4 database, 5 cannot be known. stdout is data, stderr is logs.

First steps:
  $ flowledger up          follow this host's connections and answer look-ups
  $ flowledger demo        see it work in network namespaces
  $ flowledger doctor      check kernel, clock, disk and database`
  )
}
