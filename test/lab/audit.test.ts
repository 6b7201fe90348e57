import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type pg from 'pg'
import { connect } from '../../store/connect.ts'
import { embeddedUrl } from '../../store/database-url.ts'
import { embeddedDatabase, startEmbedded } from '../../store/embedded.ts'
import type { EmbeddedServer } from '../../store/embedded.ts'
import { skipUnless } from '../skip.ts'
import { labMissing, makeLab } from './gateway-lab.ts'
import type { Lab } from './gateway-lab.ts'

const lookups = 5

describe.skipIf(skipUnless('kernel', labMissing()))('the audit of a running gateway', () => {
  let lab: Lab
  let server: EmbeddedServer
  let owner: pg.Client

  beforeAll(async () => {
    lab = await makeLab({ hosts: 1 })
    await lab.up()
    for (let port = 1; port <= lookups; port++) {
      await lab.lookup({ ip: '192.0.2.1', port: `${port}`, at: '-1s', purpose: 'test of the lab' })
    }
    // Joins the server that `up` started, as the one who may do everything.
    server = await startEmbedded(lab.dataDir)
    owner = await connect(embeddedUrl(server, 'owner', embeddedDatabase))
  })

  afterAll(async () => {
    await owner.end()
    await server.stop()
    await lab.close()
  })

  /** Does something to the table, verifies, and takes it back. */
  async function tampered(sql: string): Promise<{ code: number; said: string }> {
    await owner.query('create table kept as select * from audit.entry')
    await owner.query(sql)
    const { code, stdout, stderr } = await lab.flowledger('verify-audit')
    await owner.query('truncate audit.entry')
    await owner.query('insert into audit.entry select * from kept')
    await owner.query('drop table kept')
    return { code, said: stdout + stderr }
  }

  test('holds every look-up and verifies', async () => {
    const { rows } = await owner.query<{ detail: string }>('select detail from audit.entry')
    const asked = rows.filter(({ detail }) => detail.includes('test of the lab'))
    expect(asked).toHaveLength(lookups)
    const { code } = await lab.flowledger('verify-audit')
    expect(code).toBe(0)
  })

  test('betrays a changed row', async () => {
    const { code, said } = await tampered(
      `update audit.entry set detail = replace(detail, 'test of the lab', 'no purpose') where id = 3`
    )
    expect([code, said]).toEqual([1, expect.stringMatching(/\b3\b/)])
  })

  test('betrays a removed row', async () => {
    const { code, said } = await tampered('delete from audit.entry where id = 2')
    expect([code, said]).toEqual([1, expect.stringMatching(/\b[23]\b/)])
  })

  test('betrays a cut end', async () => {
    const { code } = await tampered(
      'delete from audit.entry where id = (select max(id) from audit.entry)'
    )
    expect(code).toBe(1)
  })

  test('verifies again once everything is as it was', async () => {
    expect((await lab.flowledger('verify-audit')).code).toBe(0)
  })
})
