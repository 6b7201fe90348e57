import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../../store/connect.ts'
import { openDatabase } from '../../store/database.ts'
import type { Database } from '../../store/database.ts'
import { checkToken, createToken, listTokens, revokeToken } from '../../store/tokens.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'

describe.skipIf(skipPostgres)('tokens', () => {
  const postgres = usePostgres()
  let database: Database
  let owner: Client

  beforeAll(async () => {
    database = openDatabase(postgres.urls.audit)
    owner = await connect(postgres.urls.owner)
  })
  afterAll(async () => {
    await database.close()
    await owner.end()
  })

  it('open until they are revoked, and are kept as a digest alone', async () => {
    const token = await createToken(database, { name: 'desk', role: 'api-client' })
    expect(token).toMatch(/^fl_[\w-]{43}$/)
    expect(await checkToken(database, token)).toEqual({ name: 'desk', role: 'api-client' })
    const { rows } = await owner.query<{ line: string }>(
      'select t::text as line from access.token t'
    )
    expect(rows.map((row) => row.line).join()).not.toContain(token.slice(3, 12))
    expect(await revokeToken(database, 'desk')).toBe(true)
    expect(await revokeToken(database, 'desk')).toBe(false)
    expect(await checkToken(database, token)).toBeUndefined()
  })

  it('expire', async () => {
    const nowUs = Date.now() * 1000
    const past = await createToken(database, { name: 'p', role: 'auditor', expiresUs: nowUs - 1e6 })
    const future = { name: 'f', role: 'auditor', expiresUs: nowUs + 600e6 } as const
    expect(await checkToken(database, past)).toBeUndefined()
    expect(await checkToken(database, await createToken(database, future))).toEqual({
      name: 'f',
      role: 'auditor',
    })
    const listed = (await listTokens(database)).find((info) => info.name === 'f')
    expect(listed).toMatchObject({ expiresUs: future.expiresUs, revokedUs: undefined })
  })

  it('are refused where the name is taken or is no name', async () => {
    await createToken(database, { name: 'twice', role: 'administrator' })
    for (const name of ['twice', '', 'a\nb', 'x'.repeat(201)]) {
      const made = createToken(database, { name, role: 'administrator' })
      await expect(made, name).rejects.toMatchObject({ code: 'usage' })
    }
  })

  it('are strangers else', async () => {
    for (const text of ['', 'fl_', `fl_${'A'.repeat(43)}`, "' or 1=1 --", 'x'.repeat(1e6)]) {
      expect(await checkToken(database, text)).toBeUndefined()
    }
  })
})
