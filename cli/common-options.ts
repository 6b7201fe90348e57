import type { Command } from 'commander'
import type { CommonFlags } from './config/layers.ts'
import type { LoadedConfig } from './config/load.ts'
import { say } from './output.ts'

/** The options of every command that reads the configuration. */
export function withConfigOptions(command: Command): Command {
  return command
    .option('--config <file>', 'configuration (default: /etc/flowledger/config.yaml if present)')
    .option('--data-dir <dir>', 'spool, embedded database, credentials')
    .option('--database <url>', 'PostgreSQL to use in place of the embedded one')
}

/** As {@link withConfigOptions}, for commands that open the API or show where it is. */
export function withListenOption(command: Command): Command {
  return withConfigOptions(command).option(
    '--listen <address:port>',
    'where the look-up API listens (default: 127.0.0.1:8080)'
  )
}

/** As {@link withConfigOptions}, for commands that collect. */
export function withNetflowOption(command: Command): Command {
  return command.option(
    '--netflow <address:port>',
    'where NetFlow and IPFIX are received (default: 127.0.0.1:2055, where that is free)'
  )
}

/** Reads the configuration, and says aloud what in it had no effect. */
export async function loadAloud(flags: CommonFlags): Promise<LoadedConfig> {
  const { loadConfig } = await import('./config/load.ts')
  const loaded = loadConfig(flags)
  for (const warning of loaded.warnings) say(`flowledger: ${warning}`)
  return loaded
}

/** Lets an action's number become the exit code of the process. */
export function withExit<Arguments extends unknown[]>(
  action: (...given: Arguments) => Promise<number | void>
): (...given: Arguments) => Promise<void> {
  return async (...given) => {
    const code = await action(...given)
    if (code !== undefined) process.exitCode = code
  }
}

/** Puts examples, one a line with a remark, under a command's help. */
export function withExamples(command: Command, examples: readonly (readonly string[])[]): Command {
  const lines = examples.map(
    ([line = '', remark = '']) => `  $ flowledger ${line}\n      ${remark}`
  )
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`)
}
