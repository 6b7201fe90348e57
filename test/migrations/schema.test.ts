import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { connect } from '../../store/connect.ts'
import { dumpSchema } from '../../store/schema-dump.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'

const path = fileURLToPath(new URL('../../migrations/schema.sql', import.meta.url))

/** `UPDATE_SCHEMA=1 npx vitest run test/migrations` writes the file anew. */
describe.skipIf(skipPostgres)('migrations/schema.sql', () => {
  const postgres = usePostgres()

  it('is what the migrations make', async () => {
    const client = await connect(postgres.urls.owner)
    const schema = await dumpSchema(client)
    if (process.env['UPDATE_SCHEMA'] === '1') await writeFile(path, schema)
    expect(schema).toBe(await readFile(path, 'utf8'))
    await client.query("select ledger.ensure_partition('2026-01-01T00:00:00Z')")
    expect(await dumpSchema(client), 'partitions leave no trace in it').toBe(schema)
    await client.query('alter table audit.entry add column extra text')
    expect(await dumpSchema(client), 'a changed table shows').not.toBe(schema)
    await client.end()
  })
})
