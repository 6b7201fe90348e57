import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { embeddedUrls } from '../store/database-url.ts'
import type { DatabaseUrls } from '../store/database-url.ts'
import { hasEmbeddedServer } from '../store/embedded-binaries.ts'
import { startEmbedded } from '../store/embedded.ts'
import type { EmbeddedServer } from '../store/embedded.ts'
import { copyCluster, throwAway } from './cluster-copy.ts'
import { skipUnless } from './skip.ts'

/** Why tests with a database are skipped here; undefined where they run. */
export const postgresMissing = (await hasEmbeddedServer())
  ? undefined
  : `there is no embedded PostgreSQL for ${process.platform}-${process.arch}`

/** For `describe.skipIf`: true, and said aloud, where the platform has no embedded server. */
export const skipPostgres = skipUnless('postgres', postgresMissing)

/** A real server for the tests of a file, in a directory of its own. */
export interface TestPostgres {
  readonly dataDir: string
  readonly server: EmbeddedServer
  readonly urls: DatabaseUrls
}

/**
 * Starts one server for all tests of the calling file and ends it after them. The object's members
 * are there once the tests run.
 *
 * @param migrated false for a database without tables
 */
export function usePostgres({ migrated = true } = {}): TestPostgres {
  const postgres: { -readonly [K in keyof TestPostgres]?: TestPostgres[K] } = {}
  beforeAll(async () => {
    if (postgresMissing !== undefined) return
    postgres.dataDir = await mkdtemp(join(tmpdir(), 'flowledger-test-'))
    await copyCluster(postgres.dataDir, migrated)
    postgres.server = await startEmbedded(postgres.dataDir, throwAway)
    postgres.urls = embeddedUrls(postgres.server)
  })
  afterAll(async () => {
    await postgres.server?.stop()
    if (postgres.dataDir !== undefined) await rm(postgres.dataDir, { recursive: true, force: true })
  })
  return postgres as TestPostgres
}
