import type { Registry } from 'prom-client'
import { addRead } from '../read-metric.ts'
import type { CollectingIdentity, IdentityReading } from './collecting.ts'

const numbers: readonly (readonly [
  name: string,
  help: string,
  value: (reading: IdentityReading) => number,
])[] = [
  ['read_total', 'Records that sources of identities had.', ({ read }) => read],
  ['stored_total', 'Statements of who held what that are safe.', ({ stored }) => stored],
  ['unknown_total', 'Records that nobody understands.', ({ unknown }) => unknown],
  [
    'last_heard_seconds',
    'When a source of identities was last heard (since 1970).',
    ({ heardUs }) => heardUs / 1e6,
  ],
]

/** Puts what the sources of identities count on the program's registry, by source. */
export function countIdentity(registry: Registry, identity: CollectingIdentity): void {
  for (const [name, help, value] of numbers) {
    addRead(registry, {
      name: `identity_${name}`,
      help,
      labels: ['source'],
      read: () => identity.status().map((one) => [{ source: one.name }, value(one)]),
    })
  }
  addRead(registry, {
    name: 'identity_refused_total',
    help: 'Records that could not be believed or taken, by reason.',
    labels: ['source', 'reason'],
    read: () =>
      identity
        .status()
        .flatMap(({ name, refused }) =>
          Object.entries(refused).map(([reason, count]) => [{ source: name, reason }, count])
        ),
  })
}
