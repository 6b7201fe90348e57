import type { Command } from 'commander'
import { loadAloud, withExamples, withExit, withListenOption } from '../common-options.ts'
import type { CommonFlags } from '../config/layers.ts'
import { print } from '../output.ts'

async function checkConfig(flags: CommonFlags & { dump?: boolean }): Promise<void> {
  const loaded = await loadAloud(flags)
  if (flags.dump === true) {
    const { dumpConfig } = await import('../config/dump.ts')
    print(dumpConfig(loaded))
    return
  }
  print(`${loaded.file ?? 'The configuration (no file, defaults)'} is valid.`)
}

export function addCheckConfig(program: Command): void {
  const command = withListenOption(program.command('check-config'))
    .description('check the configuration and show what is in force')
    .option('--dump', 'print the merged configuration and where each value comes from')
    .action(withExit(checkConfig))
  withExamples(command, [
    ['check-config', 'is the configuration valid?'],
    ['check-config --config new.yaml --dump', 'what would be in force with this file, and why'],
  ])
}
