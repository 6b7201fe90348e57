import type { Command } from 'commander'
import { withExamples, withExit } from '../common-options.ts'
import { print } from '../output.ts'

async function demo(): Promise<number> {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  const { runDemo } = await import('../demo/demo.ts')
  return await runDemo({ print, signal: stop.signal })
}

export function addDemo(program: Command): void {
  const command = program
    .command('demo')
    .description('a NAT gateway in network namespaces with real traffic, and three look-ups')
    .action(withExit(demo))
  withExamples(command, [
    ['demo', 'as root; takes everything away again. Without root: recorded events'],
    ['demo | tee demo.txt', 'keep the questions and their answers'],
  ])
}
