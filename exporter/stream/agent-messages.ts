import { cpuUsage, memoryUsage, uptime } from 'node:process'
import { availableParallelism } from 'node:os'
import type { NamedNumber, StreamNames } from '../../model/streamed-flow.ts'
import { version } from '../../model/version.ts'

/** Version of the form of messages: that of Netify's agent 5. */
const jsonVersion = 5

/** The first line that every reader gets. */
export function helloMessage(): string {
  const message = {
    type: 'agent_hello',
    agent_version: version,
    build_version: `flowledger/${version} (${process.platform})`,
    json_version: jsonVersion,
  }
  return `${JSON.stringify(message)}\n`
}

/** What `agent_status` counts. */
export interface AgentCounts {
  readonly flowsActive: number
  readonly flowsExpired: number
  readonly readers: number
  /** Readers that were dropped because they read too slowly. */
  readonly readersDropped: number
  /** Names that clients asked DNS for, and flows, that are remembered. */
  readonly hints: number
  readonly remembered: number
  readonly updateIntervalMs: number
}

/** How the agent is; sent to all readers once an interval. */
export function statusMessage(counts: AgentCounts, nowMs: number): string {
  const { user, system } = cpuUsage()
  const { rss } = memoryUsage()
  const message = {
    type: 'agent_status',
    agent_version: version,
    build_version: `flowledger/${version} (${process.platform})`,
    timestamp: Math.floor(nowMs / 1000),
    update_interval: counts.updateIntervalMs / 1000,
    uptime: Math.floor(uptime()),
    cpu_cores: availableParallelism(),
    cpu_user: user / 1e6,
    cpu_system: system / 1e6,
    memrss_kb: Math.round(rss / 1024),
    maxrss_kb: process.resourceUsage().maxRSS,
    flow_count: counts.flowsActive,
    flows_active: counts.flowsActive,
    flows_expired: counts.flowsExpired,
    dhc_status: { size: counts.hints },
    fhc_status: { size: counts.remembered },
    readers: counts.readers,
    readers_dropped: counts.readersDropped,
  }
  return `${JSON.stringify(message)}\n`
}

/** A list of names with their numbers: `protocols` or `applications`. */
export function listMessage(type: 'protocols' | 'applications', names: StreamNames): string {
  const list: readonly NamedNumber[] =
    type === 'protocols' ? names.protocols() : names.applications()
  const categories = type === 'protocols' ? names.protocolCategories : names.applicationCategories
  const indexes = Object.fromEntries(categories.map((name, i) => [name, i + 1]))
  return `${JSON.stringify({ type, [type]: list, categories: indexes })}\n`
}
