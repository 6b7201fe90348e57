import { z } from 'zod'
import { ipVersion, setName } from './settings-values.ts'

/** What sets of nftables and of ipset are told alike: which they are, and whose. */
export const namedSet = {
  set: setName.describe('Name of the set; where ip_version is both, with .v4 and .v6 behind it.'),
  suffix: z
    .boolean()
    .optional()
    .describe('.v4 and .v6 behind the name; left out: where ip_version is both.'),
  ip_version: ipVersion.describe('ipv4, ipv6 or both.'),
}

export const setSize = z.int().min(1).max(16_777_216).prefault(65_536)

export const ownedSet = {
  managed: z
    .boolean()
    .prefault(true)
    .describe('The set is ours: made and removed with the policy.'),
  flush_on_create: z.boolean().prefault(false).describe('Emptied when the policy is applied.'),
  flush_on_destroy: z.boolean().prefault(false).describe('Emptied when flowledger stops.'),
}
