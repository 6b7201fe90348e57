import type { RetentionKind } from './retention-kinds.ts'

/**
 * Starting points by country: how long a law that was read names, or is remembered, as the least or
 * the most for records of who had an address. None is legal advice, and each says so wherever it is
 * shown: laws change, and whom they bind differs.
 */
export interface RetentionPreset {
  readonly name: string
  readonly rules: readonly { readonly kind: RetentionKind; readonly keep: string }[]
  /** What it rests on, one sentence. */
  readonly basis: string
}

/** What stands beside every preset wherever it is shown. */
export const presetWarning = 'check with counsel'

const who = ['flows', 'port_blocks', 'identity', 'nat_events'] as const

const each = (keep: string): RetentionPreset['rules'] => who.map((kind) => ({ kind, keep }))

/** Every preset, by name. */
export const retentionPresets: readonly RetentionPreset[] = [
  {
    name: 'australia',
    rules: each('731d'),
    basis: 'Two years of telecommunications data (read in a summary of the official FAQ).',
  },
  {
    name: 'brazil',
    rules: each('366d'),
    basis: 'Marco Civil: connection records for 12 months; disputed whether ports are of them.',
  },
  {
    name: 'canada',
    rules: [{ kind: 'identity', keep: '184d' }],
    basis:
      'Copyright Act s. 41.26: identity for 6 months from a notice, a year if sued: hold those.',
  },
  {
    name: 'india',
    rules: each('731d'),
    basis: 'Licence terms as amended in 2021 and 2022: NAT logs with destination for two years.',
  },
  {
    name: 'switzerland',
    rules: each('184d'),
    basis: 'Six months; recalled, with no source at hand.',
  },
  {
    name: 'united-kingdom',
    rules: each('366d'),
    basis: 'Investigatory Powers Act: up to 12 months under a notice; recalled, no source at hand.',
  },
]
