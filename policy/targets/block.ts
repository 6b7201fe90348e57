import { z } from 'zod'
import { exactTtl, LabelCut, setCut } from '../cut-target.ts'
import { cutRules, cutSets, exactFields, serviceFields } from '../kernel/cut-rules.ts'
import { ttl } from '../settings-values.ts'
import type { TargetKind } from '../target.ts'

const schema = z.strictObject({
  type: z.literal('block'),
  by: z
    .enum(['label', 'set'])
    .prefault('label')
    .describe('label: this connection; set: whatever this client does with that service.'),
  reply: z
    .enum(['reset', 'drop'])
    .prefault('reset')
    .describe('reset: both ends are told; drop: packets vanish.'),
  ttl: ttl.prefault(3600).describe('Of by: set, how long a client is kept from a service.'),
})

type Settings = z.output<typeof schema>

/** Ends connections and those that follow, by rules in flowledger's own table. */
export const block: TargetKind<Settings> = {
  text: 'Ends connections: running ones, and new ones once it is known what they are.',
  schema,
  needs(name, { by, reply, ttl: keep }, { labels }) {
    if (by === 'set') return cutSets(name, serviceFields, reply, keep)
    const bit = labels.own(reply === 'reset' ? 'blockReset' : 'blockDrop')
    return [
      { kind: 'labels' },
      ...cutRules(`block-${reply}`, `ct label ${bit}`, reply),
      ...cutSets(name, exactFields, reply, exactTtl),
    ]
  },
  open(name, { by, reply, ttl: keep }, kit) {
    if (by === 'set') return setCut(name, serviceFields, keep, kit)
    return new LabelCut(name, kit.labels.own(reply === 'reset' ? 'blockReset' : 'blockDrop'), kit)
  },
}
