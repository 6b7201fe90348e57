import { connect } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect } from 'vitest'
import { openGate } from '../../../appliance/ledger-gate.ts'
import { makeAnswerDependencies } from '../../../appliance/serving/answering.ts'
import { startCollectingSyslog } from '../../../appliance/syslog/collecting.ts'
import type { CollectingSyslog } from '../../../appliance/syslog/collecting.ts'
import { countSyslog } from '../../../appliance/syslog/metrics.ts'
import { makeApp } from '../../../lookup-api/app.ts'
import { answerSchema } from '../../../lookup-api/contract.ts'
import type { Answer } from '../../../lookup-api/contract.ts'
import { configSchema } from '../../../model/config-schema.ts'
import { toConfig } from '../../../model/config.ts'
import type { Log } from '../../../model/log.ts'
import { openDatabase } from '../../../store/database.ts'
import type { Database } from '../../../store/database.ts'
import { usePostgres } from '../../postgres.ts'
import { until } from '../../until.ts'

const quiet: Log = { info: () => {}, warn: () => {}, error: () => {} }

/** A receiver of syslog, its ledger in PostgreSQL, and the API over both. */
export class SyslogLab {
  readonly postgres = usePostgres()
  readonly folder = mkdtempSync(join(tmpdir(), 'flowledger-syslog-'))
  syslog!: CollectingSyslog
  lookup!: Database
  collector!: Database
  app!: ReturnType<typeof makeApp>
  readonly #databases: Database[] = []
  readonly #from: string

  /** @param from who may send */
  constructor(from = '127.0.0.1') {
    this.#from = from
    beforeAll(() => this.#start())
    afterAll(async () => {
      await this.syslog?.stop()
      await Promise.all(this.#databases.map((database) => database.close()))
      rmSync(this.folder, { recursive: true, force: true })
    })
  }

  get config() {
    const listeners = ['udp', 'tcp'].map((transport) => ({ transport, listen: '127.0.0.1:0' }))
    const syslog = { listeners, sources: [{ name: 'cgn', from: this.#from }] }
    return toConfig(configSchema.parse({ data_dir: this.folder, collector: { syslog } }))
  }

  #open(url: string): Database {
    const database = openDatabase(url)
    this.#databases.push(database)
    return database
  }

  /** Starts the receiver, also once more after it was stopped. */
  async receive(): Promise<void> {
    const { config } = this
    const { syslog } = config.collector
    if (syslog === undefined) throw new Error('the configuration has no syslog')
    const ledger = openGate(this.postgres.urls.collector)
    this.syslog = await startCollectingSyslog(config, syslog, ledger, quiet)
  }

  async #start(): Promise<void> {
    const { urls } = this.postgres
    this.collector = this.#open(urls.collector)
    this.lookup = this.#open(urls.lookup)
    await this.receive()
    const databases = {
      lookup: this.lookup,
      audit: this.#open(urls.audit),
      identity: this.#open(urls.identity),
      directory: this.#open(urls.directory),
    }
    const registry = new Registry()
    countSyslog(registry, this.syslog)
    this.app = makeApp({
      ...makeAnswerDependencies(this.config, databases, {
        query: (query) => this.syslog.openFlows.query(query),
      }),
      tokens: { check: async () => ({ name: 'root', role: 'administrator' }) },
      registry,
      readiness: [],
      onError: (error) => {
        throw error
      },
    })
  }

  /** The port of the first listener of a transport. */
  portOf(transport: string): number {
    const address = this.syslog.addresses.find((one) => one.startsWith(transport)) ?? ''
    return Number(address.split(':').at(-1))
  }

  async linesRead(): Promise<number> {
    return (await this.syslog.status())?.senders[0]?.lines ?? 0
  }

  /** Sends lines over TCP, and waits until they were read. */
  async send(lines: readonly string[]): Promise<void> {
    const before = await this.linesRead()
    const socket = connect(this.portOf('tcp'), '127.0.0.1')
    socket.end(lines.map((line) => `${line.length} ${line}`).join(''))
    await until(async () => (await this.linesRead()) >= before + lines.length)
  }

  /** Asks the API. */
  async ask(parameters: Record<string, string>): Promise<Answer> {
    const query = new URLSearchParams(parameters)
    const headers = { Authorization: 'Bearer x' }
    const response = await this.app.request(`/v1/lookup?${query.toString()}`, { headers })
    expect(response.status, await response.clone().text()).toBe(200)
    return answerSchema.parse(await response.json())
  }
}
