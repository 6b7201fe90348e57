import type { Command } from 'commander'
import { loadAloud, withConfigOptions, withExamples, withExit } from '../common-options.ts'
import type { CommonFlags } from '../config/layers.ts'
import { print, table } from '../output.ts'
import { outputOption } from '../output-option.ts'

async function people(flags: CommonFlags & { output: string }): Promise<void> {
  const { config } = await loadAloud(flags)
  const { withLedger } = await import('../ledger-access.ts')
  const { PeopleStore } = await import('../../store/people.ts')
  const { personJson } = await import('../../lookup-api/routes/people.ts')
  const found = await withLedger(config, 'audit', (access) =>
    new PeopleStore(access.database('audit')).list()
  )
  const rows = found.map(personJson)
  if (flags.output === 'json') {
    print(JSON.stringify(rows))
    return
  }
  const lines = rows.map((row) => [
    row.person,
    row.roles.join(' '),
    row.last_login,
    String(row.sessions),
    row.issuer,
    row.subject,
  ])
  print(table([['PERSON', 'ROLES', 'LAST LOG-IN', 'SESSIONS', 'ISSUER', 'SUBJECT'], ...lines]))
}

export function addPeople(program: Command): void {
  const command = withConfigOptions(program.command('people'))
    .description('who ever logged in, with what roles')
    .addOption(outputOption('table', 'json'))
    .action(withExit(people))
  withExamples(command, [['people -o json', 'for a program']])
}
