import { Argument } from 'commander'
import type { Command } from 'commander'
import { commandTree } from '../command-tree.ts'
import { withExamples } from '../common-options.ts'
import { bashCompletion } from '../completion/bash.ts'
import { fishCompletion } from '../completion/fish.ts'
import { completionTables } from '../completion/tables.ts'
import { zshCompletion } from '../completion/zsh.ts'
import { print } from '../output.ts'

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const

export function addCompletion(program: Command): void {
  const command = program
    .command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'which one').choices(Object.keys(shells)))
    .action((shell: keyof typeof shells) =>
      print(shells[shell](completionTables(commandTree(program))))
    )
  withExamples(command, [
    [
      'completion bash > /etc/bash_completion.d/flowledger',
      'for everybody, from the next shell on',
    ],
    ['completion zsh > "${fpath[1]}/_flowledger"', 'for zsh'],
    ['completion fish > ~/.config/fish/completions/flowledger.fish', 'for fish'],
  ])
}
