import type { Command } from 'commander'
import { version } from '../../model/version.ts'
import { withExamples } from '../common-options.ts'
import { print } from '../output.ts'
import { outputOption } from '../output-option.ts'

export function addVersion(program: Command): void {
  const command = program
    .command('version')
    .description('print the version')
    .addOption(outputOption('text', 'json'))
    .action(({ output }: { output: string }) => {
      const facts = { version, node: process.versions.node, platform: process.platform }
      print(output === 'json' ? JSON.stringify(facts) : `flowledger ${version}`)
    })
  withExamples(command, [
    ['version', 'the version of flowledger'],
    ['version -o json', 'with those of Node and the platform, for a bug report'],
  ])
}
