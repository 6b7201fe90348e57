import type { IdentityFileKind } from '../model/identity-sources.ts'
import type { Config } from '../model/config.ts'
import { openDatabase, openServer } from '../store/database.ts'
import { IdentityWriter } from '../store/identity-writer.ts'
import { migrateToLatest, requireCurrentSchema } from '../store/migrate.ts'
import type { IdentityImportSink } from './import/identity-import.ts'

/**
 * Runs `work` with a store of identities to write into, as the log-in `identity`; the embedded one
 * is made where there is none yet. An import never writes under the name of a live source, which
 * was heard without a break: the prefix keeps the two apart.
 *
 * @param name what the files are known as
 */
export async function withIdentityStore<T>(
  config: Config,
  name: string,
  kind: IdentityFileKind,
  work: (sink: IdentityImportSink) => Promise<T>
): Promise<T> {
  const server = await openServer(config.dataDir, config.database)
  try {
    const { urls, embedded } = server
    if (embedded === undefined) await requireCurrentSchema(urls.identity)
    else await migrateToLatest(urls.owner, embedded.credentials)
    const database = openDatabase(urls.identity, 2)
    try {
      const writer = new IdentityWriter(database, { name: `import:${name} ${kind}`, kind })
      return await work({
        readCursor: (key) => writer.readCursor(key),
        collect: () => writer.collect(),
      })
    } finally {
      await database.close()
    }
  } finally {
    await server.stop()
  }
}
