import type { Command } from 'commander'
import {
  loadAloud,
  withExamples,
  withExit,
  withListenOption,
  withNetflowOption,
} from '../common-options.ts'
import type { CommonFlags } from '../config/layers.ts'

async function up(flags: CommonFlags): Promise<number> {
  const loaded = await loadAloud(flags)
  const { runUntilStopped } = await import('../run-until-stopped.ts')
  const { announceUp } = await import('../announce.ts')
  const halves = { command: 'up', collect: true, serve: true }
  return await runUntilStopped(loaded, flags, halves, (appliance) =>
    announceUp(appliance, loaded, flags)
  )
}

export function addUp(program: Command): void {
  const command = withNetflowOption(withListenOption(program.command('up')))
    .description('do everything: follow this host, keep the ledger, answer look-ups')
    .action(withExit(up))
  withExamples(command, [
    ['up', 'embedded PostgreSQL, API on 127.0.0.1:8080; the firewall is left as it is'],
    ['up --data-dir ./ledger --listen 127.0.0.1:9000', 'beside another one, for a try'],
    ['up --database postgres://flowledger@db/flowledger', 'with a PostgreSQL of your own'],
  ])
}
