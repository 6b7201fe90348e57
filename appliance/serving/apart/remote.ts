/** What runs around the API, as the API asks for it from its own process. */
import type { Socket } from 'node:net'
import { Registry } from 'prom-client'
import { encodeQueries } from '../../../collector/open-flows-wire.ts'
import type { Readiness } from '../../../lookup-api/api-dependencies.ts'
import type { EvidenceDependencies } from '../../../lookup-api/evidence-file/export.ts'
import type { AuditHead } from '../../../store/audit-chain.ts'
import { errorCodes, FlowledgerError } from '../../../model/errors.ts'
import type { Exporters } from '../../../model/exporter-health.ts'
import type { LiveFlows } from '../../../model/live-flows.ts'
import type { OpenFlows, OpenFlowsAnswer } from '../../../model/open-flows.ts'
import type { PublicSigningKey } from '../../../model/public-signing-key.ts'
import type { SliceQuery } from '../../../model/slice.ts'
import type { Surroundings } from '../surroundings.ts'
import { framed } from './wire.ts'
import type { FromApi, Settings, Setup, ToldError } from './wire.ts'
import type { QuestionName } from './questions.ts'

/** An error as it was raised in the other process. */
export function errorOf({ code, message, fix }: ToldError): Error {
  const known = errorCodes.find((one) => one === code)
  if (known === undefined) return new Error(message)
  return new FlowledgerError(known, message, fix === undefined ? {} : { fix })
}

export function tellError(error: unknown): ToldError {
  if (!(error instanceof FlowledgerError)) return { message: String(error) }
  return { code: error.code, message: error.message, fix: error.fix }
}

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
}

/** The other end of the socket pair, as the API sees it. */
export class Line {
  readonly #socket: Socket
  readonly #waiting = new Map<number, Waiting>()
  #last = 0

  constructor(socket: Socket) {
    this.#socket = socket
  }

  tell(message: FromApi): void {
    this.#socket.write(framed(Buffer.from(JSON.stringify(message))))
  }

  /** Asks; the answer is believed, as it comes from who started this process. */
  ask<T>(what: QuestionName, given: unknown = null): Promise<T> {
    const id = ++this.#last
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: (value) => resolve(value as T), reject })
      this.tell({ kind: 'ask', id, what, with: given })
    })
  }

  answer(id: number, settle: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (waiting !== undefined) settle(waiting)
  }
}

/** Own counters, and those of the collecting process behind them. */
class JoinedRegistry extends Registry {
  readonly #others: () => Promise<string>

  constructor(others: () => Promise<string>) {
    super()
    this.#others = others
  }

  override async metrics(): Promise<string> {
    const [own, others] = await Promise.all([super.metrics(), this.#others()])
    return `${others}\n${own}`
  }
}

type Answers = readonly (readonly OpenFlowsAnswer[])[]

function openFlowsOver(line: Line): OpenFlows {
  const queryAll = (queries: readonly SliceQuery[]): Promise<Answers> =>
    line.ask<Answers>('open-flows', JSON.parse(encodeQueries(queries)))
  return { queryAll, query: async (query) => (await queryAll([query]))[0] ?? [] }
}

function liveFlowsOver(line: Line): LiveFlows {
  return {
    live: (query) => line.ask('live', query),
    explain: (flow) => line.ask('explain', flow),
    unknown: (limit) => line.ask('unknown', limit),
    hosts: () => line.ask('hosts'),
    rules: (act) => line.ask('rules', act),
  }
}

function evidenceOver(line: Line, inForce: () => Settings): EvidenceDependencies {
  return {
    async signer() {
      const key = await line.ask<PublicSigningKey>('signer')
      const sign = (octets: Uint8Array): Promise<string> =>
        line.ask<string>('sign', Buffer.from(octets).toString('base64'))
      return { ...key, sign }
    },
    publicKeys: () => line.ask<readonly PublicSigningKey[]>('public-keys'),
    configuration: () => inForce().described,
  }
}

/** What holds there, with the warning that the last check brought along. */
function readinessOver(line: Line, name: string): Readiness {
  let warned: string | undefined
  return {
    name,
    async check() {
      const told = await line.ask<{ reason?: string; warning?: string }>('readiness', name)
      warned = told.warning
      return told.reason
    },
    warning: () => warned,
  }
}

/** @param inForce what of the configuration is in force at the moment */
export function surroundingsOver(
  line: Line,
  { has, readiness }: Pick<Setup, 'has' | 'readiness'>,
  inForce: () => Settings
): Surroundings {
  const exporters: Exporters = {
    exporters: () => line.ask('exporters'),
    exporter: (name) => line.ask('exporter', name),
  }
  return {
    openFlows: openFlowsOver(line),
    ...(has.exporters ? { exporters } : {}),
    ...(has.liveFlows ? { liveFlows: liveFlowsOver(line) } : {}),
    readiness: readiness.map((name) => readinessOver(line, name)),
    registry: new JoinedRegistry(() => line.ask<string>('metrics')),
    heads: {
      known: () => line.ask<AuditHead>('head'),
      advance: (head) => line.ask<void>('advance', head),
    },
    hashDestination: (ip, port) => line.ask('hash-destination', { ip, port }),
    evidence: evidenceOver(line, inForce),
  }
}
