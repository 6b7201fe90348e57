import { execFileSync, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { embeddedUrl } from '../../store/database-url.ts'
import { embeddedDatabase } from '../../store/embedded.ts'
import type { EmbeddedServer } from '../../store/embedded.ts'
import { startFlowledger } from '../cli/run-flowledger.ts'
import { startOutsideServer } from '../lab/outside-server.ts'
import { until } from '../until.ts'
import { freePort } from '../free-port.ts'
import { KnownExporter } from './exporter.ts'

/** The program with a PostgreSQL of somebody else, a small disk of its own, and an exporter. */
export class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'flowledger-faults-'))
  readonly dataDir = join(this.folder, 'data')
  server: EmbeddedServer | undefined
  program: ChildProcess | undefined
  private readonly environment: Readonly<Record<string, string>>
  private api = ''
  private log = ''
  private known: KnownExporter | undefined

  private constructor(environment: Readonly<Record<string, string>>) {
    this.environment = environment
  }

  /** @param environment of the program, such as what loads a library that fakes the clock */
  static async open(environment: Readonly<Record<string, string>> = {}): Promise<World> {
    const world = new World(environment)
    await world.begin()
    return world
  }

  get exporter(): KnownExporter {
    if (this.known === undefined) throw new Error('the world is not open')
    return this.known
  }

  private async begin(): Promise<void> {
    chmodSync(this.folder, 0o711)
    mkdirSync(this.dataDir)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m,mode=0711', 'tmpfs', this.dataDir])
    await this.startDatabase()
    const port = await freePort()
    this.known = new KnownExporter(port)
    writeFileSync(
      join(this.folder, 'config.yaml'),
      `data_dir: ${this.dataDir}
database: { url: ${JSON.stringify(this.url())} }
api: { listen: 127.0.0.1:0 }
spool: { max_bytes: 128MiB, keep_free: 1MiB }
collector:
  conntrack: { enabled: false }
  netflow:
    listen: ["127.0.0.1:${port}"]
    exporters: [{ address: 127.0.0.1, name: gw, active_timeout: 1s }]
`
    )
    await this.startProgram()
  }

  url(): string {
    if (this.server === undefined) throw new Error('there is no server')
    return embeddedUrl(this.server, 'owner', embeddedDatabase)
  }

  async startDatabase(): Promise<void> {
    this.server = await startOutsideServer(join(this.folder, 'server'))
  }

  async stopDatabase(): Promise<void> {
    await this.server?.stop()
  }

  async startProgram(): Promise<void> {
    this.log = ''
    const config = ['--config', join(this.folder, 'config.yaml')]
    const program = startFlowledger(['up', ...config], this.environment)
    this.program = program
    for (const stream of [program.stdout, program.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.log += text))
    }
    await until(() => {
      if (program.exitCode !== null) throw new Error(`the program ended:\n${this.log}`)
      return this.log.includes('Stop with Ctrl-C')
    })
    this.api = /http:\/\/[\d.:]+/.exec(this.log)?.[0] ?? ''
  }

  /** Ends the program by a signal, and waits until it is gone. */
  async endProgram(signal: NodeJS.Signals): Promise<void> {
    const { program } = this
    if (program === undefined || program.exitCode !== null || program.signalCode !== null) return
    const gone = once(program, 'close')
    program.kill(signal)
    await gone
  }

  /** Process ids of the program and its children, the program first. */
  pids(): number[] {
    const own = this.program?.pid ?? 0
    const children = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((name) => {
        const stat = spawnSync('cat', [`/proc/${name}/stat`], { encoding: 'utf8' }).stdout
        return stat.slice(stat.lastIndexOf(')') + 4).startsWith(`${own} `)
      })
    return [own, ...children.map(Number)]
  }

  /** Rows as the owner of the database sees them. */
  async query<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
    const client = new pg.Client(this.url())
    // A backend that is ended on purpose is a failed query and no more.
    client.on('error', () => {})
    await client.connect()
    try {
      return (await client.query<Row>(sql)).rows
    } finally {
      await client.end()
    }
  }

  /** The verdict of a look-up at an instant. */
  async verdict(port: number, atUs: number): Promise<string> {
    const token = readFileSync(join(this.dataDir, 'admin-token'), 'utf8').trim()
    const at = new Date(atUs / 1000).toISOString()
    const asked = { ip: '192.0.2.1', port: String(port), at, tolerance: '10ms', purpose: 'test' }
    const response = await fetch(`${this.api}/v1/lookup?${new URLSearchParams(asked).toString()}`, {
      headers: { Authorization: `Bearer ${token}` },
    })
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
    return ((await response.json()) as { verdict: string }).verdict
  }

  async close(): Promise<void> {
    await this.known?.pause()
    this.known?.close()
    await this.endProgram('SIGTERM')
    await this.stopDatabase()
    spawnSync('umount', ['-l', this.dataDir])
    rmSync(this.folder, { recursive: true, force: true })
  }
}
