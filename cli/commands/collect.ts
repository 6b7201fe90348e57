import type { Command } from 'commander'
import {
  loadAloud,
  withExamples,
  withExit,
  withListenOption,
  withNetflowOption,
} from '../common-options.ts'
import type { CommonFlags } from '../config/layers.ts'

async function collect(flags: CommonFlags): Promise<number> {
  const loaded = await loadAloud(flags)
  const { runUntilStopped } = await import('../run-until-stopped.ts')
  const { announce } = await import('../announce.ts')
  const halves = { command: 'collect', collect: true, serve: false }
  return await runUntilStopped(loaded, flags, halves, announce)
}

export function addCollect(program: Command): void {
  const command = withNetflowOption(withListenOption(program.command('collect')))
    .description('only follow and write: the half that stands on the gateway')
    .action(withExit(collect))
  withExamples(command, [
    ['collect', 'as configured in /etc/flowledger/config.yaml'],
    ['collect --database postgres://flowledger_collector@db/flowledger', 'into a server'],
  ])
}
