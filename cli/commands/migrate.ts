import type { Command } from 'commander'
import { loadAloud, withConfigOptions, withExamples, withExit } from '../common-options.ts'
import { withRunAgain } from '../run-again.ts'
import { FlowledgerError } from '../../model/errors.ts'
import type { CommonFlags } from '../config/layers.ts'
import { print, say } from '../output.ts'

interface MigrateFlags extends CommonFlags {
  readonly distributed?: true
  readonly print?: true
}

async function migrate(flags: MigrateFlags): Promise<void> {
  const distribute = flags.distributed ? await import('../../store/distribute.ts') : undefined
  if (flags.print) {
    if (distribute === undefined) {
      throw new FlowledgerError('usage', '--print shows what --distributed does.')
    }
    return print(`${distribute.distributeStatements.join(';\n')};`)
  }
  const { config } = await loadAloud(flags)
  const { openServer } = await import('../../store/database.ts')
  const { migrateToLatest } = await import('../../store/migrate.ts')
  const server = await openServer(config.dataDir, config.database)
  try {
    await distribute?.requireDistributable(server.urls.owner)
    const { commandProgress } = await import('../progress.ts')
    const progress = commandProgress('steps')
    const { applied, notices } = await migrateToLatest(
      server.urls.owner,
      server.embedded?.credentials,
      undefined,
      progress.at
    )
    progress.end()
    const { openSigningKey } = await import('../../store/signing-key.ts')
    await openSigningKey(config.dataDir)
    for (const notice of notices) say(notice)
    for (const name of applied) print(`applied ${name}`)
    if (applied.length === 0) print('The database is up to date.')
    const laidOut = await distribute?.distributeLedger(server.urls.owner)
    for (const notice of laidOut?.notices ?? []) print(notice)
  } finally {
    await server.stop()
  }
}

export function addMigrate(program: Command): void {
  const command = withConfigOptions(program.command('migrate'))
    .description('bring the tables and log-ins of the database up to date')
    .option('--distributed', 'lay an empty ledger out over a Citus cluster (how-to/citus.md)')
    .option('--print', 'with --distributed: show its statements and do nothing')
    .action(withExit(migrate))
  withRunAgain(
    command,
    'What was applied is passed over. A step that was interrupted has changed nothing, and is ' +
      'applied whole.'
  )
  withExamples(command, [
    ['migrate', 'the embedded database; up does it by itself'],
    ['migrate --database postgres://owner:secret@db/flowledger', 'a server of your own'],
    ['migrate --distributed --print', 'what would be run on Citus after the tables are there'],
  ])
}
