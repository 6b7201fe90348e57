import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { dumpConfig, maskUrl } from '../../../cli/config/dump.ts'
import { defaultDataDir, loadConfig } from '../../../cli/config/load.ts'
import { plainRules } from '../../../model/access-rules.ts'
import { FlowledgerError } from '../../../model/errors.ts'
import { reportsConfigOf, reportsSchema } from '../../../model/reports-settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'flowledger-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0

function write(text: string): string {
  const file = join(folder, `${files++}.yaml`)
  writeFileSync(file, text)
  return file
}

function problemsOf(text: string, env: Record<string, string> = {}): string {
  try {
    loadConfig({ config: write(text) }, env)
  } catch (error) {
    expect(error).toBeInstanceOf(FlowledgerError)
    expect((error as FlowledgerError).code).toBe('config-invalid')
    expect((error as FlowledgerError).exitCode).toBe(3)
    return (error as FlowledgerError).message.replaceAll(/\S*\/(\d+)\.yaml/g, 'FILE')
  }
  throw new Error('the configuration was taken')
}

describe('values', () => {
  test('a credential of the unit is stronger than the file, a variable stronger still', () => {
    const credentials = mkdtempSync(join(folder, 'credentials-'))
    writeFileSync(join(credentials, 'flowledger_database.url'), 'postgres://of-credential/a\n')
    const file = write('database: { url: "postgres://of-file/a" }')
    const env = { CREDENTIALS_DIRECTORY: credentials }
    const urlWith = (more: Record<string, string>): unknown =>
      loadConfig({ config: file }, { ...env, ...more }).config.database.url
    expect(urlWith({})).toBe('postgres://of-credential/a')
    expect(urlWith({ FLOWLEDGER_DATABASE_URL: 'postgres://of-env/a' })).toBe('postgres://of-env/a')
  })

  test('nothing configured: the defaults', () => {
    const { config, file } = loadConfig({}, {}, join(folder, 'absent.yaml'))
    expect(file).toBeUndefined()
    expect(config).toEqual({
      dataDir: defaultDataDir({}),
      database: {},
      applications: { rules: [], catalogue: true, keepHints: false, personal: 'keep' },
      collector: {
        conntrack: {
          enabled: 'auto',
          activeTimeoutUs: 1800e6,
          receiveBufferBytes: 64 * 2 ** 20,
        },
        netflow: {
          listen: [{ ip: [0, 0, 0xffff, 0x7f000001], port: 2055 }],
          isDefaultListen: true,
          tcp: [],
          receiveBufferBytes: 64 * 2 ** 20,
          exporters: [],
        },
        identity: [{ kind: 'neighbours', auto: true }],
      },
      spool: {
        maxBytes: 10 * 2 ** 30,
        syncIntervalMs: 200,
        syncBytes: 8 * 2 ** 20,
        keepMs: 86_400_000,
        keepFreeBytes: 256 * 2 ** 20,
      },
      archive: { directory: join(defaultDataDir({}), 'archive') },
      api: { listen: '127.0.0.1:8080', collectors: [] },
      access: plainRules,
      directory: [],
      exporter: { targets: [] },
      notices: { senders: [] },
      reports: reportsConfigOf(reportsSchema.parse({})),
    })
  })

  test('an empty file and empty sections mean the defaults', () => {
    const empty = loadConfig({ config: write('') }, {})
    const sections = loadConfig({ config: write('database:\ncollector:\n  conntrack:\n') }, {})
    expect(sections.config).toEqual(empty.config)
  })

  test('rules of access, and the log-in of people', () => {
    const oidc = (issuer: string, roles = '{ map: { abuse: abuse-desk } }'): string => `
data_dir: /srv/ledger
api:
  oidc:
    issuer: ${issuer}
    client_id: flowledger
    redirect_url: https://flowledger.example.org/auth/callback
    roles: ${roles}
access: { separate_duties: true, second_person: [reveal, purge], require: [case], approval_uses: 3 }
`
    const { config } = loadConfig({ config: write(oidc('https://login.example.org')) }, {})
    expect(config.api.oidc).toMatchObject({
      issuer: 'https://login.example.org',
      personClaim: 'email',
      roleClaim: 'groups',
      roleOf: { abuse: 'abuse-desk' },
      sessionIdleUs: 1800e6,
      sessionUs: 12 * 3600e6,
    })
    expect(config.access).toEqual({
      ...plainRules,
      separateDuties: true,
      secondPerson: ['reveal', 'purge'],
      require: ['case'],
      approvalUses: 3,
    })
    const wrong = (text: string, what: string): void => expect(problemsOf(text)).toContain(what)
    wrong(oidc('http://login.example.org'), 'must be a URL with https')
    wrong(oidc('https://login.example.org', '{ map: { abuse: root } }'), 'roles')
    wrong('access: { second_person: [lookup] }', 'second_person')
    wrong('access: { approval_valid: 31d }', 'between 1m and 30d')
    wrong('access: { approval_uses: 0 }', 'approval_uses')
  })

  test('a file with everything in it', () => {
    const { config } = loadConfig(
      {
        config: write(`
data_dir: /srv/ledger
database: { url: postgres://a:b@db/flowledger, lookup_url: postgres://l@db/flowledger }
collector: { conntrack: { enabled: false, active_timeout: 5m, receive_buffer: 1048576 } }
spool: { max_bytes: 1GiB, sync_interval: 1s, keep: 0s }
api: { listen: "[::1]:9000" }
networks: { inside: [10.0.0.0/8], public: [192.0.2.0/26, { prefix: 2001:db8::/32, source: gw1 }] }
`),
      },
      {}
    )
    expect(config.dataDir).toBe('/srv/ledger')
    expect(config.database).toEqual({
      url: 'postgres://a:b@db/flowledger',
      lookup_url: 'postgres://l@db/flowledger',
    })
    expect(config.collector.conntrack).toEqual({
      enabled: false,
      activeTimeoutUs: 300e6,
      receiveBufferBytes: 1048576,
    })
    expect(config.spool).toMatchObject({ maxBytes: 2 ** 30, syncIntervalMs: 1000, keepMs: 0 })
    expect(config.api.listen).toBe('[::1]:9000')
    expect(config.networks?.inside.map((prefix) => prefix.length)).toEqual([104])
    expect(config.networks?.public.map((entry) => entry.source)).toEqual([undefined, 'gw1'])
  })

  test('flags win over FLOWLEDGER_…, that over DATABASE_URL, that over the file', () => {
    const config = write('database: { url: postgres://file/x }\napi: { listen: 127.0.0.1:1 }\n')
    const url = (flags: { database?: string }, env: Record<string, string>) =>
      loadConfig({ config, ...flags }, env).config.database.url
    const DATABASE_URL = 'postgres://plain/x'
    const FLOWLEDGER_DATABASE_URL = 'postgres://ours/x'
    expect(url({}, {})).toBe('postgres://file/x')
    expect(url({}, { DATABASE_URL: '' })).toBe('postgres://file/x')
    expect(url({}, { DATABASE_URL })).toBe(DATABASE_URL)
    expect(url({}, { DATABASE_URL, FLOWLEDGER_DATABASE_URL })).toBe(FLOWLEDGER_DATABASE_URL)
    const database = 'postgres://flag/x'
    expect(url({ database }, { DATABASE_URL, FLOWLEDGER_DATABASE_URL })).toBe(database)
  })

  test('variables set booleans and lists', () => {
    const env = {
      FLOWLEDGER_COLLECTOR_CONNTRACK_ENABLED: 'false',
      FLOWLEDGER_NETWORKS_INSIDE: '10.0.0.0/8, 2001:db8::/32',
    }
    const { config } = loadConfig({}, env, join(folder, 'absent.yaml'))
    expect(config.collector.conntrack.enabled).toBe(false)
    expect(config.networks?.inside.map((prefix) => prefix.length)).toEqual([104, 32])
  })

  test('the data directory follows who asks', () => {
    expect(defaultDataDir({}, true)).toBe('/var/lib/flowledger')
    expect(defaultDataDir({ XDG_STATE_HOME: '/x' }, false)).toBe('/x/flowledger')
    expect(defaultDataDir({ XDG_STATE_HOME: 'relative' }, false)).toMatch(
      /\/\.local\/state\/flowledger$/
    )
  })
})

describe('what is wrong is named with its place', () => {
  test.each([
    [
      'unknown key',
      'api:\n  lisetn: 127.0.0.1:1\n',
      'FILE:2:3: unknown key api.lisetn. Did you mean listen?',
    ],
    [
      'unknown section',
      'colector: {}\n',
      'FILE:1:1: unknown key colector. Did you mean collector?',
    ],
    [
      'wrong value',
      'collector:\n  conntrack:\n    active_timeout: 2h\n',
      'FILE:3:21: collector.conntrack.active_timeout must be a duration between 10s and 60m, ' +
        'such as 30s or 5m.',
    ],
    [
      'item of a list',
      'networks:\n  inside:\n    - 10.0.0.0/8\n    - 10.1.0.0/8\n',
      'FILE:4:7: networks.inside.1 must be a prefix such as 10.0.0.0/8 or 2001:db8::/32, ' +
        'no bits set behind it.',
    ],
    ['scalar for a section', 'api: 3\n', 'FILE:1:6: api must be a section with keys.'],
    ['list for the file', '- a\n', 'FILE:1:1: the configuration must be a section with keys.'],
    ['relative path', 'data_dir: ledger\n', 'FILE:1:11: data_dir must be an absolute path.'],
    [
      'log-in without server',
      'database: { audit_url: postgres://a/b }\n',
      'FILE:1:11: database needs url beside the URLs of the other log-ins.',
    ],
  ])('%s', (_name, text, message) => {
    expect(problemsOf(text)).toBe(message)
  })

  test('several at once, a line each', () => {
    expect(problemsOf('data_dir: x\nspool: { max_bytes: 1 }\nfoo: 1\n').split('\n')).toHaveLength(3)
  })

  test('what came from the environment names the variable', () => {
    const message = problemsOf('api: { listen: 127.0.0.1:1 }', { FLOWLEDGER_API_LISTEN: 'here' })
    expect(message).toMatch(/^variable FLOWLEDGER_API_LISTEN: api\.listen must be ADDRESS:PORT/)
  })

  test('what is no YAML names the line', () => {
    expect(problemsOf('a: [1\nb: }\n')).toMatch(/^FILE:2:/)
    expect(problemsOf('api: {}\napi: {}\n')).toMatch(/^FILE:2:1: .*unique/)
  })

  test('a bomb of aliases is refused', () => {
    const levels = Array.from(
      { length: 20 },
      (_, i) =>
        `a${i}: &a${i} [${
          i === 0
            ? 'x'
            : Array(9)
                .fill(`*a${i - 1}`)
                .join(', ')
        }]`
    )
    expect(problemsOf(levels.join('\n'))).toMatch(/alias/i)
  })

  test('a missing file is an error where it was asked for', () => {
    expect(() => loadConfig({ config: '/nonexistent.yaml' }, {})).toThrow(
      /cannot be read \(ENOENT\)/
    )
  })

  test('a variable that sets nothing is a warning', () => {
    const { warnings } = loadConfig(
      {},
      { FLOWLEDGER_API_LISTN: 'x', FLOWLEDGER_DEBUG: '1' },
      join(folder, 'absent.yaml')
    )
    expect(warnings).toEqual([
      'The variable FLOWLEDGER_API_LISTN sets nothing. Did you mean FLOWLEDGER_API_LISTEN?',
    ])
  })
})

describe('dump', () => {
  test('says where each value comes from, hides passwords, and reads back', () => {
    const config = write('database: { url: "postgres://me:secret@db/x" }\n')
    const loaded = loadConfig({ config, listen: '127.0.0.1:9' }, {})
    const text = dumpConfig(loaded)
    expect(text).not.toContain('secret')
    expect(text).toMatch(/^ {2}url: postgres:\/\/me:\*\*\*@db\/x +# .*yaml:1:18$/m)
    expect(text).toMatch(/^ {2}listen: 127\.0\.0\.1:9 +# option --listen$/m)
    expect(text).toMatch(/^ {4}active_timeout: 30m +# default$/m)
    expect(loadConfig({ config: write(text) }, {}).effective).toEqual({
      ...loaded.effective,
      database: { url: 'postgres://me:***@db/x' },
    })
  })

  test('passwords in parameters are hidden too', () => {
    expect(maskUrl('postgres://db/x?user=a&password=secret')).not.toContain('secret')
    expect(maskUrl('not a url with secret')).toBe('***')
  })
})
