import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../../store/database.ts'
import { createToken } from '../../../store/tokens.ts'
import { skipPostgres, usePostgres } from '../../postgres.ts'
import { runFlowledger } from '../run-flowledger.ts'
import type { Finished } from '../run-flowledger.ts'

const question = ['ip=192.0.2.1', 'port=2000', 'at=2026-03-01T12:00:00Z']
const wish = ['approval', 'request', 'reveal', ...question, '--reason', 'theft']

describe.skipIf(skipPostgres)('approvals and tokens from the command line', () => {
  const postgres = usePostgres()
  const tokens = { alice: '', alsoAlice: '', bob: '' }
  let common: string[] = []

  beforeAll(async () => {
    const config = join(postgres.dataDir, 'config.yaml')
    const access = 'access: { second_person: [reverse, reveal], emergency: true }'
    writeFileSync(config, `data_dir: ${postgres.dataDir}\n${access}\n`)
    chmodSync(config, 0o644)
    common = ['--config', config]
    const database = openDatabase(postgres.urls.audit)
    const make = (name: string, role: 'investigator' | 'approver', person: string) =>
      createToken(database, { name, role, person })
    tokens.alice = await make('a', 'investigator', 'Alice')
    tokens.alsoAlice = await make('a2', 'approver', 'alice')
    tokens.bob = await make('b', 'approver', 'Bob')
    await database.close()
  })

  const run = (argv: string[], token = ''): Finished =>
    runFlowledger([...argv, ...common], token === '' ? {} : { FLOWLEDGER_TOKEN: token })

  test('two people with a token each', () => {
    const asked = run(wish, tokens.alice)
    expect(asked.code).toBe(0)
    const id = asked.stdout.trim()
    const listed = run(['approval', 'list', '-o', 'json'])
    expect(JSON.parse(listed.stdout)).toMatchObject([{ id, act: 'reveal', requester: 'alice' }])
    expect(run(['approval', 'approve', id], tokens.alsoAlice).stderr).toContain('your own wish')
    const file = join(postgres.dataDir, 'bobs-token')
    writeFileSync(file, `${tokens.bob}\n`)
    const approved = run(['approval', 'approve', id, '--token-file', file, '--note', 'seen'])
    expect(approved.stderr).toContain(`${id} is approved.`)
    expect(run(['approval', 'refuse', id], tokens.bob).code).toBe(2)
  })

  test('the user of the command line is none of two', () => {
    const nobody = run(wish)
    expect(nobody.stderr).toContain('between named persons')
    expect(nobody.code).toBe(2)
    expect(run(['approval', 'approve', '1']).code).toBe(2)
    const unknown = run(['approval', 'approve', '1'], `fl_${'A'.repeat(43)}`)
    expect(unknown.stderr).toContain('The token is unknown')
  })

  test('an override is listed until somebody else has seen it', () => {
    const id = run([...wish, '--emergency'], tokens.alice).stdout.trim()
    expect(run(['approval', 'list', '--emergency']).stdout).toContain('theft')
    expect(run(['approval', 'acknowledge', id], tokens.bob).code).toBe(0)
    expect(run(['approval', 'list', '--emergency']).stdout).not.toContain('theft')
  })

  test('a token is narrowed, shown with what it was narrowed to, and rotated', () => {
    const flags = ['--prefix', '192.0.2.0/24', '--limit', '100/h', '--rights', 'lookup']
    const first = run(['token', 'create', 'portal', '--expires', '90d', ...flags]).stdout.trim()
    expect(run(['lookup', '198.51.100.1:1', 'now'], first).stderr).toContain('may not ask')
    expect(run(['token', 'list']).stdout).toContain('lookup; 192.0.2.0/24; 100/h')
    const second = run(['token', 'rotate', 'portal']).stdout.trim()
    expect(run(['lookup', '192.0.2.1:1', 'now'], first).stderr).toContain('The token is unknown')
    expect(run(['lookup', '192.0.2.1:1', 'now'], second).code).toBe(5)
  })

  test('a role by its old name is the new one, and what is none is usage', () => {
    expect(run(['token', 'create', 'old', '--role', 'lookup']).code).toBe(0)
    const listed = JSON.parse(run(['token', 'list', '-o', 'json']).stdout) as object[]
    const old = expect.objectContaining({ name: 'old', role: 'api-client' })
    expect(listed).toContainEqual(old)
    for (const wrong of [
      ['--role', 'root'],
      ['--limit', 'many'],
      ['--rights', 'all'],
      ['--prefix', 'x'],
    ]) {
      expect(run(['token', 'create', 'wrong', ...wrong]).code, wrong.join(' ')).toBe(2)
    }
    expect(run(['people', '-o', 'json']).stdout).toBe('[]\n')
  })
})
