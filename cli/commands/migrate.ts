import type { Command } from 'commander'
import { loadAloud, withConfigOptions, withExamples, withExit } from '../common-options.ts'
import type { CommonFlags } from '../config/layers.ts'
import { print, say } from '../output.ts'

async function migrate(flags: CommonFlags): Promise<void> {
  const { config } = await loadAloud(flags)
  const { openServer } = await import('../../store/database.ts')
  const { migrateToLatest } = await import('../../store/migrate.ts')
  const server = await openServer(config.dataDir, config.database)
  try {
    const { applied, notices } = await migrateToLatest(
      server.urls.owner,
      server.embedded?.credentials
    )
    const { openSigningKey } = await import('../../store/signing-key.ts')
    await openSigningKey(config.dataDir)
    for (const notice of notices) say(notice)
    for (const name of applied) print(`applied ${name}`)
    if (applied.length === 0) print('The database is up to date.')
  } finally {
    await server.stop()
  }
}

export function addMigrate(program: Command): void {
  const command = withConfigOptions(program.command('migrate'))
    .description('bring the tables and log-ins of the database up to date')
    .action(withExit(migrate))
  withExamples(command, [
    ['migrate', 'the embedded database; up does it by itself'],
    ['migrate --database postgres://owner:secret@db/flowledger', 'a server of your own'],
  ])
}
