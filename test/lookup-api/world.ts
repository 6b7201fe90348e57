import { requireAddress } from '../../model/address.ts'
import type { SourceCoverage } from '../../model/coverage.ts'
import { plainRules } from '../../model/access-rules.ts'
import type { AccessRules } from '../../model/access-rules.ts'
import { FlowledgerError } from '../../model/errors.ts'
import { principalOfToken } from '../../model/principal.ts'
import type { OpenFlowsAnswer } from '../../model/open-flows.ts'
import type { Endpoint, Slice, SliceQuery } from '../../model/slice.ts'
import { makeAccess } from '../../lookup-api/access.ts'
import type {
  AnswerDependencies,
  AuditEntry,
  AuditLog,
  FlowFilter,
  RecordedEntry,
} from '../../lookup-api/dependencies.ts'

/** Who asks in the tests: a token that may do everything. */
export const asker = principalOfToken({ name: 'desk', role: 'administrator' }, false)

/** T of the tests, and what they count from: 2026-03-01T12:00:00Z, in microseconds. */
export const noonUs = Date.UTC(2026, 2, 1, 12) * 1000

export const second = 1e6

/** Microseconds of so many seconds after noon. */
export const at = (seconds: number): number => noonUs + seconds * second

export function endpoint(text: string): Endpoint {
  const [ip = '', port = '0'] = text.split(' ')
  return { ip: requireAddress(ip), port: Number(port) }
}

interface SliceText {
  readonly inside?: string
  readonly public?: string
  readonly remote?: string
}

let lastFlowId = 0n

/** A slice of [start, end] in seconds around noon; the rest can be given. */
export function slice(
  start: number,
  end: number,
  parts: SliceText & Partial<Omit<Slice, 'inside' | 'public' | 'remote'>> = {}
): Slice {
  const { inside = '10.0.0.1 1000', public: outside = '192.0.2.1 2000', ...rest } = parts
  const { remote = '198.51.100.1 443', ...given } = rest
  lastFlowId += 1n
  return {
    source: 'gw',
    flowId: lastFlowId,
    open: false,
    natKind: 1,
    protocol: 6,
    zone: 0,
    inside: endpoint(inside),
    public: endpoint(outside),
    remote: endpoint(remote),
    connectionStartUs: at(start),
    startUs: at(start),
    endUs: at(end),
    lastPacketUs: at(end),
    octets: 100n,
    packets: 2n,
    reverseOctets: 200n,
    reversePackets: 3n,
    conntrackId: 1,
    mark: 0,
    endReason: 3,
    flags: 0,
    ...given,
  }
}

/** A live source that has watched for an hour around noon and knows everything of it. */
export function liveSource(parts: Partial<SourceCoverage> = {}): SourceCoverage {
  return {
    source: 'gw',
    kind: 'conntrack',
    watchedFromUs: at(-3600),
    watermarkUs: at(3600),
    closedThroughUs: at(3600),
    skewUs: 0,
    gaps: [],
    ...parts,
  }
}

const meets = (flow: Slice, query: SliceQuery): boolean =>
  flow.public.ip.every((word, i) => word === query.address[i]) &&
  (query.port === undefined || query.port === flow.public.port) &&
  (query.protocol === undefined || query.protocol === flow.protocol) &&
  flow.startUs <= query.toUs &&
  flow.endUs >= query.fromUs

/** What a test can set before it asks, and read afterwards. */
export interface World {
  slices: Slice[]
  sources: SourceCoverage[]
  /** What collectors answer; undefined: none can be reached. */
  open: OpenFlowsAnswer[] | undefined
  nowUs: number
  auditFails: boolean
  rules: AccessRules
  /** What every approval that is named gives; undefined: none holds. */
  approval: { id: string; state: string; decider: string | undefined } | undefined
  limit: number
  readonly audit: AuditEntry[]
  /** The reads and writes in their order. */
  readonly calls: string[]
  readonly dependencies: AnswerDependencies
}

/**
 * The ledger, the collector and the audit in memory. What stands behind the interfaces elsewhere is
 * tested there; these tests are about what is concluded from it.
 */
export function makeWorld(parts: Partial<Omit<World, 'dependencies'>> = {}): World {
  const world: World = {
    slices: [],
    sources: [liveSource()],
    open: undefined,
    nowUs: at(1800),
    auditFails: false,
    rules: plainRules,
    approval: undefined,
    limit: Infinity,
    audit: [],
    calls: [],
    ...parts,
    dependencies: undefined as never,
  }
  const listed = (): RecordedEntry[] =>
    world.audit.map((entry, i) =>
      Object.assign({}, entry, { id: i + 1, at: '2026-03-01T12:00:00.000Z', hash: '00' })
    )
  const audit: AuditLog = {
    async appendAudit(entry) {
      world.calls.push('audit')
      if (world.auditFails) throw new Error('connection refused')
      world.audit.push(entry)
      return { id: world.audit.length, hash: '00' }
    },
    async listAudit({ limit, cursor }) {
      const from = Number(cursor ?? 0)
      const items = listed().slice(from, from + limit)
      const next = from + limit
      return next < world.audit.length ? { items, next: String(next) } : { items }
    },
  }
  const dependencies: AnswerDependencies = {
    ledger: {
      async findSlices(query) {
        world.calls.push('ledger')
        const found = world.slices.filter((flow) => meets(flow, query))
        const limit = Math.min(world.limit, query.limit)
        return { slices: found.slice(0, limit), cut: found.length > limit }
      },
      async readCoverage() {
        world.calls.push('coverage')
        return world.sources
      },
      async listFlows(filter: FlowFilter) {
        const from = Number(filter.cursor ?? 0)
        const items = world.slices.filter(
          (flow) => flow.startUs >= filter.fromUs && flow.startUs <= filter.toUs
        )
        const page = items.slice(from, from + filter.limit)
        const next = from + filter.limit
        return next < items.length ? { items: page, next: String(next) } : { items: page }
      },
    },
    openFlows: {
      async query(query) {
        world.calls.push('open flows')
        if (world.open === undefined) {
          throw new FlowledgerError('not-running', 'No collector runs here.')
        }
        return world.open.map((one) =>
          Object.assign({}, one, { flows: one.flows.filter((flow) => meets(flow, query)) })
        )
      },
    },
    access: makeAccess(world.rules, { approvals: { use: async () => world.approval }, audit }),
    audit,
    nowUs: () => world.nowUs,
    version: '0.1.0',
  }
  return Object.assign(world, { dependencies })
}
