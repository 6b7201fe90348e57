import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dumpConfig } from '../../../cli/config/dump.ts'
import { loadConfig } from '../../../cli/config/load.ts'

const good = `
data_dir: /tmp/none
directory:
  - { kind: sql, name: crm, url: "postgres://u:hidden1@db/c", query: select 1, columns: { id: a, user: b } }
  - kind: http
    url: https://crm.example/{type}/{value}?at={at}
    headers: { Authorization: Bearer hidden2 }
    keys: [user]
    columns: { id: id }
`

describe('the section directory', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flowledger-test-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  async function load(text: string) {
    const config = join(folder, 'config.yaml')
    await writeFile(config, text)
    return loadConfig({ config }, {})
  }

  it('is read, and shown without its secrets', async () => {
    const loaded = await load(good)
    expect(loaded.config.directory).toMatchObject([
      { kind: 'sql', name: 'crm' },
      { kind: 'http', method: 'GET', timeout: '2s', cache: '5m' },
    ])
    const text = dumpConfig(loaded)
    expect(text).toContain('https://crm.example/{type}/{value}?at={at}')
    expect(text).not.toContain('hidden')
  })

  it.each([
    ['a column for no key', 'kind: csv, path: /a, columns: { id: a, name: b }', 'at least one key'],
    [
      'a path that is not absolute',
      'kind: csv, path: a, columns: { id: a, mac: b }',
      'absolute path',
    ],
    ['another kind', 'kind: ldap', 'directory'],
    [
      'clear text to another machine',
      'kind: http, url: "http://crm/{value}/{at}", keys: [mac], columns: { id: a }',
      'https://',
    ],
  ])('refuses %s', async (_, entry, sentence) => {
    await expect(load(`data_dir: /tmp/none\ndirectory: [{ ${entry} }]`)).rejects.toThrow(sentence)
  })

  it('refuses two of one name', async () => {
    const csv = '{ kind: csv, path: /a, columns: { id: a, mac: b } }'
    const twice = load(`data_dir: /tmp/none\ndirectory: [${csv}, ${csv}]`)
    await expect(twice).rejects.toThrow('a name of its own')
  })
})
