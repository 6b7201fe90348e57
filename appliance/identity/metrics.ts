import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { CollectingIdentity, IdentityReading } from './collecting.ts'

/** Puts what the sources of identities count on the program's registry, by source. */
export function countIdentity(registry: Registry, identity: CollectingIdentity): void {
  const registers = [registry]
  const byReason = ['source', 'reason'] as const
  const bySource = ['source'] as const
  const counter = (
    name: string,
    help: string,
    value: (reading: IdentityReading) => number
  ): Counter<'source'> =>
    new Counter({
      name: `flowledger_identity_${name}`,
      help,
      labelNames: bySource,
      registers,
      collect() {
        this.reset()
        for (const reading of identity.status()) {
          this.inc({ source: reading.name }, value(reading))
        }
      },
    })
  counter('read_total', 'Records that sources of identities had.', ({ read }) => read).reset()
  counter('stored_total', 'Statements of who held what that are safe.', (one) => one.stored).reset()
  counter('unknown_total', 'Records that nobody understands.', ({ unknown }) => unknown).reset()
  new Counter({
    name: 'flowledger_identity_refused_total',
    help: 'Records that could not be believed or taken, by reason.',
    labelNames: byReason,
    registers,
    collect() {
      this.reset()
      for (const { name, refused } of identity.status()) {
        for (const [reason, count] of Object.entries(refused)) {
          this.inc({ source: name, reason }, count)
        }
      }
    },
  }).reset()
  new Gauge({
    name: 'flowledger_identity_last_heard_seconds',
    help: 'When a source of identities was last heard (since 1970).',
    labelNames: bySource,
    registers,
    collect() {
      this.reset()
      for (const { name, heardUs } of identity.status()) this.set({ source: name }, heardUs / 1e6)
    },
  }).reset()
}
