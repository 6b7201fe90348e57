import { Counter, Histogram } from 'prom-client'
import type { Registry } from 'prom-client'

/** What the API counts, on the registry of the program. */
export interface ApiMetrics {
  /** One answer, or one failure where the verdict is `failed`. */
  countLookup(verdict: string, seconds: number): void
  countResponse(status: number): void
  /** Somebody was refused, or went past a second person: worth an alarm where it is unusual. */
  countAnomaly(reason: string): void
}

/** Makes the counter of connections that were ended before their client was through. */
export function makeCutCounter(registry: Registry): (reason: string) => void {
  const cut = new Counter({
    name: 'flowledger_http_connections_cut_total',
    help: 'Connections ended early: a body that trickles, or one connection of too many.',
    labelNames: ['reason'],
    registers: [registry],
  })
  return (reason) => cut.inc({ reason })
}

/** Makes the API's counters; a registry takes them once. */
export function makeMetrics(registry: Registry): ApiMetrics {
  const registers = [registry]
  const lookups = new Counter({
    name: 'flowledger_lookups_total',
    help: 'Look-ups by verdict; failed ones had no answer.',
    labelNames: ['verdict'],
    registers,
  })
  const duration = new Histogram({
    name: 'flowledger_lookup_duration_seconds',
    help: 'Time from a question to its answer, the audit included.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5],
    registers,
  })
  const responses = new Counter({
    name: 'flowledger_http_responses_total',
    help: 'Responses of the API by status.',
    labelNames: ['status'],
    registers,
  })
  const anomalies = new Counter({
    name: 'flowledger_access_anomalies_total',
    help: 'Refusals by reason (unauthorized, forbidden, …) and emergency overrides.',
    labelNames: ['reason'],
    registers,
  })
  return {
    countAnomaly: (reason) => anomalies.inc({ reason }),
    countLookup(verdict, seconds) {
      lookups.inc({ verdict })
      duration.observe(seconds)
    },
    countResponse(status) {
      responses.inc({ status: String(status) })
    },
  }
}
