import { z } from 'zod'

function integer(least: number, most: number) {
  const error = `must be a whole number, ${least} to ${most}`
  return z.int({ error }).min(least, { error }).max(most, { error })
}

/** The configuration of what connections are classified by: their first packets, by NFLOG. */
export const captureSchema = z.strictObject({
  enabled: z
    .union([z.literal('auto'), z.boolean()], { error: 'must be auto, true or false' })
    .prefault('auto')
    .describe('auto: classified where permitted; true: refuse to start without; false: not.'),
  nflog_group: integer(0, 65_535)
    .prefault(5)
    .describe('NFLOG group to which the rule (flowledger capture install) hands packets.'),
  packets: integer(1, 255)
    .prefault(10)
    .describe('First packets of each connection that the rule should hand over.'),
  interfaces: z
    .array(z.string().regex(/^[^\s/]{1,15}$/, { error: 'must be the name of an interface' }), {
      error: 'must be a list of interfaces',
    })
    .max(32)
    .prefault([])
    .describe(
      'Interfaces whose packets are read instead of the group: of this gateway, both inside and ' +
        'outside, or such that a switch mirrors to.'
    ),
  snap_length: integer(128, 65_535).prefault(1600).describe('Octets of each of them.'),
})

/** What live classification goes by. */
export interface CaptureConfig {
  readonly enabled: 'auto' | boolean
  readonly group: number
  readonly packets: number
  readonly snapLength: number
  /** Empty: the group is read. */
  readonly interfaces: readonly string[]
}

/**
 * What the file says, read: without the section connections are classified only where that
 * has a use: where there is a stream or a policy.
 */
export function captureConfigOf(
  file: z.output<typeof captureSchema> | undefined,
  isNeeded: boolean
): CaptureConfig | undefined {
  if (file === undefined && !isNeeded) return undefined
  const { enabled, nflog_group: group, packets, ...rest } = file ?? captureSchema.parse({})
  return { enabled, group, packets, snapLength: rest.snap_length, interfaces: rest.interfaces }
}
