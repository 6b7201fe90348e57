import type { ChildProcess } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { embeddedUrl } from '../../store/database-url.ts'
import { embeddedDatabase } from '../../store/embedded.ts'
import type { EmbeddedServer } from '../../store/embedded.ts'
import type { Login } from '../../store/logins.ts'
import { migrateToLatest } from '../../store/migrate.ts'
import { freePort } from '../free-port.ts'
import { startOutsideServer } from '../lab/outside-server.ts'
import { until } from '../until.ts'
import { configureApart, configureTogether } from './configuration.ts'
import { KnownExporter } from './exporter.ts'
import { Disk } from './disk.ts'
import type { DiskKind } from './disk.ts'
import { FakeClock } from './fake-clock.ts'
import { Nas } from './nas.ts'
import { Path } from './path.ts'
import { familyOf, isRunning, postmasterOf } from './processes.ts'
import { Unit } from './unit.ts'

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
  /** It follows the connections of its own kernel, which needs a router, and exports them. */
  readonly exports?: true
  /** `collect` and `serve` are processes of their own, as the units of systemd start them. */
  readonly apart?: true
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
  /** Who collects first, and who answers, where that is another. */
  readonly units: Unit[] = []
  /** Of who answers: the file of its configuration, and where it keeps its token. */
  answering = { answering: '', dataDir: '' }
  private api = ''
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
    const { folder, dataDir } = this
    const at = (own: number): string => `${host}:${own}`
    const listens = { api: at(apiPort), netflow: at(port), radius: at(radiusPort) }
    const exported = this.kind.exports === true ? this.exported : undefined
    const url = (login: Login): string => this.url(login)
    const places = { folder, dataDir, ...listens, exported, url }
    if (this.kind.apart === true) {
      await migrateToLatest(this.url(), this.server?.credentials)
      this.answering = configureApart(places)
      this.unit('collect', join(folder, 'collect.yaml'), 'The ledger is in PostgreSQL')
      this.unit('serve', this.answering.answering, 'Answering look-ups on')
    } else {
      this.answering = configureTogether(places)
      this.unit('up', this.answering.answering, 'Stop with Ctrl-C')
    }
    await this.startProgram()
  }

  private unit(command: string, config: string, ready: string): void {
    const environment = this.clock?.environment ?? {}
    const namespace = this.path?.programNamespace
    const argv = [command, '--config', config]
    this.units.push(new Unit({ argv, ready, environment, namespace }))
  }

  /** Who collects. */
  get program(): ChildProcess | undefined {
    return this.units[0]?.child
  }

  /** Where files of IPFIX go: another disk, as that of another collector would be. */
  get exported(): string {
    return join(this.folder, 'exported')
  }

  /** Where PostgreSQL has its files. */
  get serverDir(): string {
    return join(this.kind.database === undefined ? this.folder : this.disk.path, 'server')
  }

  url(login: Login = 'owner'): string {
    if (this.server === undefined) throw new Error('there is no server')
    return embeddedUrl(this.server, login, embeddedDatabase)
  }

  async startDatabase(): Promise<void> {
    this.server = await startOutsideServer(this.serverDir)
  }

  async stopDatabase(): Promise<void> {
    await this.server?.stop()
  }

  /** Starts what does not run of the program. */
  async startProgram(): Promise<void> {
    for (const unit of this.units) await unit.start()
  }

  /** Ends who collects by a signal, and waits until it is gone. */
  async endProgram(signal: NodeJS.Signals): Promise<void> {
    await this.units[0]?.end(signal)
  }

  /** Process ids of the program and its children, who collects first. */
  pids(): number[] {
    const running = this.units.filter(({ isRunning: runs }) => runs)
    return running.flatMap(({ child }) => familyOf(child?.pid ?? 0))
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
    const token = readFileSync(join(this.answering.dataDir, 'admin-token'), 'utf8').trim()
    const at = new Date(atUs / 1000).toISOString()
    const asked = { ip: '192.0.2.1', port: String(port), at, tolerance: '10ms', purpose: 'test' }
    const url = `${this.api}/v1/lookup?${new URLSearchParams(asked).toString()}`
    const headers = { Authorization: `Bearer ${token}` }
    const logs = (): string => this.units.map((unit) => unit.state).join('\n')
    let response = await fetch(url, { headers }).catch((cause: unknown) => {
      throw new Error(`nobody answers:\n${logs()}`, { cause })
    })
    // No answer can be given now, says 503: that denies nothing, and is asked again.
    for (let tries = 0; response.status === 503 && tries < 20; tries++) {
      await sleep(1000)
      response = await fetch(url, { headers })
    }
    if (!response.ok) {
      throw new Error(`${response.status} ${await response.text()}\n${logs()}`)
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
    // This process hears of it a moment after the kernel knows.
    const isGone = (): boolean => !this.units.some(({ isRunning: runs }) => runs)
    await until(() => victims.every((pid) => !isRunning(pid)) && isGone())
    this.disk.powerUp()
  }

  async close(): Promise<void> {
    await this.known?.pause()
    this.known?.close()
    await this.knownNas?.close()
    for (const unit of this.units) await unit.end('SIGTERM')
    await this.stopDatabase()
    this.disk.close()
    this.path?.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
