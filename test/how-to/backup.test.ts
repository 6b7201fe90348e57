import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migrateToLatest } from '../../store/migrate.ts'
import { runFlowledger } from '../cli/run-flowledger.ts'
import { postgresMissing } from '../postgres.ts'
import { programMissing, rootMissing, skipUnless } from '../skip.ts'
import { baseUs, fillLedger } from '../store/ledger-fixture.ts'

const root = resolve(import.meta.dirname, '../..')
const binaries = [15, 16, 17, 18]
  .map((version) => `/usr/lib/postgresql/${version}/bin`)
  .findLast((folder) => existsSync(join(folder, 'pg_verifybackup')))
const missing =
  rootMissing() ?? programMissing('psql') ?? (binaries === undefined ? 'no PostgreSQL' : undefined)

/** Blocks of the page by the word behind `sh`. */
const blocks = new Map(
  [
    ...readFileSync(join(root, 'docs/how-to/backup.md'), 'utf8').matchAll(
      /^```sh ([a-z-]+)\n([\s\S]*?)^```$/gm
    ),
  ].map(([, name = '', text = '']) => [name, text] as const)
)

let folder = ''
let sockets = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowledger-backup-'))
  chmodSync(folder, 0o755)
  sockets = place('sockets')
  chmodSync(sockets, 0o777)
  const command = join(folder, 'flowledger')
  const main = join(root, 'cli/main.ts')
  const tsx = join(root, 'node_modules/tsx/dist/loader.mjs')
  writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" --import "${tsx}" "${main}" "$@"\n`)
  chmodSync(command, 0o755)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function place(name: string): string {
  const directory = join(folder, name)
  mkdirSync(directory)
  return directory
}

/** Runs a block of the page as it stands. */
function runBlock(name: string, variables: Readonly<Record<string, string>>) {
  const env = { ...process.env, ...variables, PATH: `${folder}:${binaries}:${process.env['PATH']}` }
  const script = blocks.get(name) ?? 'echo "the page has no such block"; exit 99'
  return spawnSync('sh', ['-eu', '-c', script], { encoding: 'utf8', env })
}

function mustRun(name: string, variables: Readonly<Record<string, string>>): string {
  const { status, stdout, stderr } = runBlock(name, variables)
  expect(status, `${name}: ${stdout}${stderr}`).toBe(0)
  return stdout
}

const asked = [
  ['192.0.2.1:61284', baseUs + 600e6],
  ['192.0.2.1:80', baseUs + 15e6],
] as const

/** What look-ups answer, but for what names the look-up itself. */
function answers(argv: readonly string[], questions: number): unknown[] {
  return asked.slice(0, questions).map(([address, us]) => {
    const at = new Date(us / 1000).toISOString()
    const { stdout, stderr } = runFlowledger(['lookup', address, at, '-o', 'json', ...argv])
    expect(stdout, stderr).toContain('"verdict"')
    const { verdict, candidates } = JSON.parse(stdout) as Record<string, unknown>
    return { verdict, candidates }
  })
}

describe.skipIf(skipUnless('program', missing))('a server of your own', () => {
  const servers: string[] = []
  const asPostgres = (...argv: string[]): void => {
    execFileSync('runuser', ['-u', 'postgres', '--', ...argv], { stdio: 'ignore' })
  }
  const start = (data: string, port: number): ((database: string) => string) => {
    const options = `-p ${port} -k ${sockets} -c listen_addresses= -c fsync=off`
    asPostgres(
      join(binaries ?? '', 'pg_ctl'),
      '-D',
      data,
      '-w',
      '-l',
      `${data}.log`,
      '-o',
      options,
      'start'
    )
    servers.push(data)
    return (database) => `postgres:///${database}?host=${sockets}&port=${port}&user=postgres`
  }
  const initialise = (name: string): string => {
    const data = join(folder, name)
    mkdirSync(data)
    execFileSync('chown', ['postgres', data])
    writeFileSync(`${data}.log`, '')
    execFileSync('chown', ['postgres', `${data}.log`])
    asPostgres(join(binaries ?? '', 'initdb'), '-D', data, '-A', 'trust', '-N', '-U', 'postgres')
    return data
  }
  let url: (database: string) => string
  let dataDir = ''
  let before: unknown[] = []

  beforeAll(async () => {
    url = start(initialise('first'), 5501)
    execFileSync('psql', [url('postgres'), '-qc', 'create database ledger'])
    await migrateToLatest(url('ledger'))
    await fillLedger(url('ledger'))
    dataDir = place('data')
    runFlowledger(['migrate', '--database', url('ledger'), '--data-dir', dataDir])
    before = answers(['--database', url('ledger'), '--data-dir', dataDir], 2)
  })
  afterAll(() => {
    for (const data of servers) {
      spawnSync('runuser', [
        '-u',
        'postgres',
        '--',
        join(binaries ?? '', 'pg_ctl'),
        '-D',
        data,
        '-m',
        'immediate',
        'stop',
      ])
    }
  })

  test('by pg_dump: the audit proves itself, answers are the same, an older copy is told', () => {
    const backup = place('dump')
    const variables = {
      LEDGER: url('ledger'),
      ADMIN: url('postgres'),
      DATA_DIR: dataDir,
      BACKUP: backup,
    }
    mustRun('dump', variables)
    // The ledger goes on after the copy.
    answers(['--database', url('ledger'), '--data-dir', dataDir], 1)
    const other = start(initialise('second'), 5502)
    const restored = { ...variables, LEDGER: other('restored'), ADMIN: other('postgres') }
    mustRun('restore', restored)
    expect(mustRun('prove', restored)).toContain('each as it was written')
    const newer = runFlowledger([
      'verify-audit',
      '--database',
      other('restored'),
      '--data-dir',
      dataDir,
    ])
    expect(newer.code).toBe(1)
    expect(newer.stdout).toMatch(/entries after \d+ up to \d+ are missing/)
    expect(answers(['--database', other('restored'), '--data-dir', backup], 2)).toEqual(before)
  })

  test('by base backup: the same', () => {
    const backup = place('base-backup')
    const variables = { ADMIN: url('postgres'), DATA_DIR: dataDir, BACKUP: backup }
    mustRun('base', variables)
    const data = join(folder, 'third')
    cpSync(join(backup, 'base'), data, { recursive: true })
    execFileSync('chown', ['-R', 'postgres', data])
    writeFileSync(`${data}.log`, '')
    execFileSync('chown', ['postgres', `${data}.log`])
    const third = start(data, 5503)
    expect(mustRun('prove', { LEDGER: third('ledger'), BACKUP: backup })).toContain(
      'each as it was'
    )
    expect(answers(['--database', third('ledger'), '--data-dir', backup], 2)).toEqual(before)
  })
})

test.skipIf(skipUnless('postgres', postgresMissing))(
  'the embedded server, cold: the copy proves itself and answers',
  () => {
    const dataDir = join(folder, 'embedded')
    expect(runFlowledger(['migrate', '--data-dir', dataDir]).code).toBe(0)
    const before = answers(['--data-dir', dataDir], 1)
    const backup = place('cold')
    mustRun('cold', { DATA_DIR: dataDir, BACKUP: backup })
    expect(mustRun('cold-prove', { BACKUP: backup })).toContain('1 entries, each as it was written')
    expect(answers(['--data-dir', join(backup, 'data')], 1)).toEqual(before)
  }
)
