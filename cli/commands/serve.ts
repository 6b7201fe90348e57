import type { Command } from 'commander'
import { loadAloud, withExamples, withExit, withListenOption } from '../common-options.ts'
import type { CommonFlags } from '../config/layers.ts'

async function serve(flags: CommonFlags): Promise<number> {
  const loaded = await loadAloud(flags)
  const { runUntilStopped } = await import('../run-until-stopped.ts')
  const { announce } = await import('../announce.ts')
  const halves = { command: 'serve', collect: false, serve: true }
  return await runUntilStopped(loaded, flags, halves, announce)
}

export function addServe(program: Command): void {
  const command = withListenOption(program.command('serve'))
    .description('only answer: the look-up API')
    .action(withExit(serve))
  withExamples(command, [
    ['serve', 'as configured in /etc/flowledger/config.yaml'],
    ['serve --listen 10.0.0.2:8080', 'for others on the network; every look-up needs a token'],
  ])
}
