import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { embeddedUrl } from '../../store/database-url.ts'
import { embeddedDatabase } from '../../store/embedded.ts'
import type { EmbeddedServer } from '../../store/embedded.ts'
import { startFlowledger } from '../cli/run-flowledger.ts'
import { startOutsideServer } from '../lab/outside-server.ts'
import { until } from '../until.ts'
import { freePort } from '../free-port.ts'
import { KnownExporter } from './exporter.ts'
import { Disk } from './disk.ts'
import type { DiskKind } from './disk.ts'
import { FakeClock } from './fake-clock.ts'
import { Nas, radiusSecret } from './nas.ts'
import { Path } from './path.ts'
import { familyOf, isRunning, postmasterOf } from './processes.ts'

/** What a world is made of; left out: the usual. */
export interface WorldKind {
  /** The program has a clock of its own, which can be set. */
  readonly clock?: true
  /** What its spool stands on; left out: memory. */
  readonly disk?: DiskKind
  /** PostgreSQL stands on that disk too. */
  readonly database?: 'on the disk'
  /** Datagrams come to it by a router. */
  readonly path?: true
}

/** The program with a PostgreSQL of somebody else, a small disk of its own, and who tells it. */
export class World {
  readonly kind: WorldKind
  readonly folder = mkdtempSync(join(tmpdir(), 'flowledger-faults-'))
  readonly disk: Disk
  readonly dataDir: string
  readonly clock: FakeClock | undefined
  readonly path: Path | undefined
  server: EmbeddedServer | undefined
  program: ChildProcess | undefined
  private api = ''
  private log = ''
  private known: KnownExporter | undefined
  private knownNas: Nas | undefined

  private constructor(kind: WorldKind) {
    this.kind = kind
    if (kind.clock === true) this.clock = new FakeClock(this.folder)
    if (kind.path === true) this.path = new Path()
    this.disk = new Disk(this.folder, kind.disk ?? 'memory')
    this.dataDir = join(this.disk.path, 'data')
  }

  static async open(kind: WorldKind = {}): Promise<World> {
    const world = new World(kind)
    await world.begin()
    return world
  }

  get exporter(): KnownExporter {
    if (this.known === undefined) throw new Error('the world is not open')
    return this.known
  }

  get nas(): Nas {
    if (this.knownNas === undefined) throw new Error('the world is not open')
    return this.knownNas
  }

  private async begin(): Promise<void> {
    chmodSync(this.folder, 0o711)
    mkdirSync(this.dataDir, { mode: 0o711 })
    await this.startDatabase()
    const [port, radiusPort, apiPort] = [await freePort(), await freePort(), await freePort()]
    const host = this.path?.address ?? '127.0.0.1'
    this.known = new KnownExporter(port, host)
    this.knownNas = new Nas(radiusPort, host)
    this.api = `http://${host}:${apiPort}`
    writeFileSync(
      join(this.folder, 'config.yaml'),
      `data_dir: ${this.dataDir}
database: { url: ${JSON.stringify(this.url())} }
api: { listen: "${host}:${apiPort}" }
spool: { max_bytes: 128MiB, keep_free: 1MiB }
collector:
  conntrack: { enabled: false }
  identity:
    - kind: radius
      listen: "${host}:${radiusPort}"
      clients: [{ name: nas, prefix: 0.0.0.0/0, secret: ${radiusSecret} }]
  netflow:
    listen: ["${host}:${port}"]
    exporters: [{ address: 0.0.0.0/0, name: gw, active_timeout: 1s }]
`
    )
    await this.startProgram()
  }

  /** Where PostgreSQL has its files. */
  get serverDir(): string {
    return join(this.kind.database === undefined ? this.folder : this.disk.path, 'server')
  }

  url(): string {
    if (this.server === undefined) throw new Error('there is no server')
    return embeddedUrl(this.server, 'owner', embeddedDatabase)
  }

  async startDatabase(): Promise<void> {
    this.server = await startOutsideServer(this.serverDir)
  }

  async stopDatabase(): Promise<void> {
    await this.server?.stop()
  }

  async startProgram(): Promise<void> {
    this.log = ''
    const argv = ['up', '--config', join(this.folder, 'config.yaml')]
    const program = startFlowledger(argv, this.clock?.environment, this.path?.programNamespace)
    this.program = program
    for (const stream of [program.stdout, program.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.log += text))
    }
    await until(() => {
      if (program.exitCode !== null) throw new Error(`the program ended:\n${this.log}`)
      return this.log.includes('Stop with Ctrl-C')
    })
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
    return familyOf(this.program?.pid ?? 0)
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
    const url = `${this.api}/v1/lookup?${new URLSearchParams(asked).toString()}`
    const headers = { Authorization: `Bearer ${token}` }
    let response = await fetch(url, { headers })
    // No answer can be given now, says 503: that denies nothing, and is asked again.
    for (let tries = 0; response.status === 503 && tries < 20; tries++) {
      await sleep(1000)
      response = await fetch(url, { headers })
    }
    if (!response.ok) {
      throw new Error(`${response.status} ${await response.text()}\n${this.log.slice(-2000)}`)
    }
    return ((await response.json()) as { verdict: string }).verdict
  }

  /** What it says of itself: the status and the text of `/readyz`. */
  async ready(): Promise<string> {
    const response = await fetch(`${this.api}/readyz`)
    return `${response.status} ${await response.text()}`
  }

  /**
   * Takes the power of the disk, and the processes on it, in one instant, and gives it back. The
   * program, and PostgreSQL where it stands there, are to be started again.
   */
  async cutPower(): Promise<void> {
    const onDisk = this.kind.database === undefined ? [] : familyOf(postmasterOf(this.serverDir))
    const victims = [...this.pids(), ...onDisk]
    for (const pid of victims) process.kill(pid, 'SIGSTOP')
    try {
      this.disk.cutPower()
    } finally {
      for (const pid of victims) process.kill(pid, 'SIGKILL')
    }
    await until(() => victims.every((pid) => !isRunning(pid)))
    this.disk.powerUp()
  }

  async close(): Promise<void> {
    await this.known?.pause()
    this.known?.close()
    await this.knownNas?.close()
    await this.endProgram('SIGTERM')
    await this.stopDatabase()
    this.disk.close()
    this.path?.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
