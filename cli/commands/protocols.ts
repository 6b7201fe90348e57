import type { Command } from 'commander'
import { withExamples, withExit } from '../common-options.ts'
import { print, table } from '../output.ts'
import { outputOption } from '../output-option.ts'

interface ProtocolsFlags {
  readonly output: 'table' | 'ndjson'
}

async function listProtocols(flags: ProtocolsFlags): Promise<void> {
  const { knownProtocols } = await import('../../classifier/known-protocols.ts')
  const known = knownProtocols()
  if (flags.output === 'ndjson') {
    for (const protocol of known) print(JSON.stringify(protocol))
    return
  }
  const rows = known.map(({ name, title, category, ports }) => [
    name,
    title,
    category,
    ports.join(' '),
  ])
  print(table([['name', 'title', 'category', 'ports'], ...rows]))
}

export function addProtocols(program: Command): void {
  const command = program
    .command('protocols')
    .description('list the protocols that are recognised, with their identifiers')
    .addOption(outputOption('table', 'ndjson'))
    .action(withExit(listProtocols))
  withExamples(command, [['protocols -o ndjson', 'for programs: one object a line']])
}
