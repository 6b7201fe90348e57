import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { connect } from '../../store/connect.ts'
import { embeddedUrl } from '../../store/database-url.ts'
import { startEmbedded } from '../../store/embedded.ts'
import type { EmbeddedServer } from '../../store/embedded.ts'
import { serverUser } from '../../store/embedded-user.ts'
import { throwAway } from '../cluster-copy.ts'
import { skipPostgres } from '../postgres.ts'
import { rootMissing, skipUnless } from '../skip.ts'

const made: string[] = []
const running: EmbeddedServer[] = []

async function makeDirectory(name = 'data'): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'flowledger-embedded-'))
  made.push(parent)
  await chmod(parent, 0o711)
  return join(parent, name)
}

async function start(dataDir: string): Promise<EmbeddedServer> {
  const server = await startEmbedded(dataDir, throwAway)
  running.push(server)
  return server
}

async function ask(server: EmbeddedServer, query: string): Promise<unknown> {
  const client = await connect(embeddedUrl(server, 'owner', 'flowledger'))
  try {
    const { rows } = await client.query<Record<string, unknown>>(query)
    return Object.values(rows[0] ?? {})[0]
  } finally {
    await client.end()
  }
}

async function pidOf(dataDir: string): Promise<number> {
  const text = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')
  return Number(text.split('\n')[0])
}

/** A zombie, which nobody has waited for yet, is no more. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

async function ended(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 10))
}

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop()
  for (const path of made.splice(0)) await rm(path, { recursive: true, force: true })
})

describe.skipIf(skipPostgres)('the embedded server', () => {
  it('starts, keeps its data, and is closed to others', async () => {
    const dataDir = await makeDirectory()
    const server = await start(dataDir)
    expect(server.started).toBe(true)
    expect(await ask(server, 'show server_version')).toMatch(/^18\./)
    expect(await ask(server, 'show listen_addresses')).toBe('')
    await ask(server, 'create table kept as select 42 as answer')
    expect((await stat(join(dataDir, 'credentials.json'))).mode & 0o777).toBe(0o600)
    // The group is that of who answers questions without rights of his own.
    expect((await stat(server.socketDir)).mode & 0o777).toBe(0o710)
    const pid = await pidOf(dataDir)
    await server.stop()
    expect(isAlive(pid)).toBe(false)
    expect(await ask(await start(dataDir), 'select answer from kept')).toBe(42)
  })

  it('refuses a wrong password', async () => {
    const server = await start(await makeDirectory())
    const wrong = { ...server, credentials: { ...server.credentials, owner: 'wrong-password' } }
    const refused = connect(embeddedUrl(wrong, 'owner', 'flowledger'))
    await expect(refused).rejects.toMatchObject({ code: 'database-unreachable' })
    await expect(refused).rejects.toThrow('refused the log-in of "flowledger_owner"')
    await expect(refused).rejects.not.toThrow('wrong-password')
  })

  it('is shared, and ends with the last who uses it', async () => {
    const dataDir = await makeDirectory()
    const [first, second] = await Promise.all([start(dataDir), start(dataDir)])
    expect(first.started, 'one of them started it').not.toBe(second.started)
    const pid = await pidOf(dataDir)
    await first.stop()
    await first.stop()
    expect(await ask(second, 'select 1')).toBe(1)
    await second.stop()
    expect(isAlive(pid)).toBe(false)
  })

  it('recovers from kill -9, though a stranger got its pid', async () => {
    const dataDir = await makeDirectory()
    const server = await start(dataDir)
    await ask(server, 'create table kept as select 42 as answer')
    const pid = await pidOf(dataDir)
    process.kill(pid, 'SIGKILL')
    await ended(pid)
    const again = await start(dataDir)
    expect(again.started).toBe(true)
    expect(await ask(again, 'select answer from kept')).toBe(42)
    const second = await pidOf(dataDir)
    process.kill(second, 'SIGKILL')
    await ended(second)
    const path = join(dataDir, 'postgres', 'postmaster.pid')
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace(/^\d+/, String(process.pid)))
    expect(await ask(await start(dataDir), 'select answer from kept')).toBe(42)
  })

  it('outlives a killed starter and is joined', async () => {
    const dataDir = await makeDirectory()
    const source = new URL('../../store/embedded.ts', import.meta.url).href
    const script = `const { startEmbedded } = await import(${JSON.stringify(source)})
      await startEmbedded(${JSON.stringify(dataDir)}, ${JSON.stringify(throwAway)})
      console.log('up'); setInterval(() => {}, 1000)`
    const argv = ['--import', 'tsx', '--input-type=module', '-e', script]
    const starter = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(starter.stdout, 'data')
    const pid = await pidOf(dataDir)
    starter.kill('SIGKILL')
    await once(starter, 'exit')
    const server = await start(dataDir)
    expect(server.started).toBe(false)
    expect(await pidOf(dataDir)).toBe(pid)
    expect(await ask(server, 'select 1')).toBe(1)
  })

  it('takes a short directory for its socket where the path is too long', async () => {
    const dataDir = await makeDirectory('long'.repeat(30))
    const server = await start(dataDir)
    expect(server.socketDir.startsWith(dataDir)).toBe(false)
    // The group is that of who answers questions without rights of his own.
    expect((await stat(server.socketDir)).mode & 0o777).toBe(0o710)
    expect(await ask(server, 'select 1')).toBe(1)
    await server.stop()
    const again = await start(dataDir)
    expect(again.socketDir, 'the same one again').toBe(server.socketDir)
    made.push(server.socketDir)
  })

  it('leaves nothing half made where initdb was cut off', async () => {
    const dataDir = await makeDirectory()
    await mkdir(join(dataDir, 'postgres.draft-1'), { recursive: true })
    await writeFile(join(dataDir, 'postgres.draft-1', 'half'), '')
    await start(dataDir)
    expect((await readdir(dataDir)).filter((name) => name.includes('draft'))).toEqual([])
  })

  it('says so where the passwords are gone', async () => {
    const dataDir = await makeDirectory()
    const server = await start(dataDir)
    await server.stop()
    await rm(join(dataDir, 'credentials.json'))
    await expect(start(dataDir)).rejects.toMatchObject({ code: 'database-unreachable' })
    await expect(start(dataDir)).rejects.toThrow('credentials.json is missing')
  })

  it('names what PostgreSQL said where it does not start', async () => {
    const dataDir = await makeDirectory()
    const settings = { ...throwAway.settings, shared_buffers: 'many' }
    const failed = startEmbedded(dataDir, { ...throwAway, settings })
    await expect(failed).rejects.toMatchObject({ code: 'database-unreachable' })
    await expect(failed).rejects.toThrow(
      'did not start: invalid value for parameter "shared_buffers": "many"'
    )
  })
})

describe.skipIf(skipPostgres || skipUnless('postgres', rootMissing()))('as root', () => {
  it('opens a closed data directory for the server to walk through, and no more', async () => {
    const dataDir = await makeDirectory()
    await mkdir(dataDir, { mode: 0o700 })
    await start(dataDir)
    expect((await stat(dataDir)).mode & 0o777).toBe(0o711)
    expect((await stat(join(dataDir, 'postgres'))).uid).not.toBe(0)
  })

  it('names the directory that is in the way', async () => {
    const dataDir = await makeDirectory()
    const parent = join(dataDir, '..')
    await chmod(parent, 0o700)
    await expect(start(dataDir)).rejects.toMatchObject({
      code: 'permission-missing',
      message: expect.stringContaining(`may not enter ${parent}`) as string,
      fix: expect.stringContaining('chmod o+x') as string,
    })
  })

  it('goes on as the user who owns the cluster', async () => {
    const directory = await makeDirectory()
    await mkdir(directory)
    await chown(directory, 65_534, 65_534)
    expect(await serverUser(directory)).toMatchObject({ ids: { uid: 65_534, gid: 65_534 } })
  })
})
