import { z } from 'zod'
import { parseSize } from './quantity.ts'

function integer(least: number, most: number) {
  const error = `must be a whole number, ${least} to ${most}`
  return z.int({ error }).min(least, { error }).max(most, { error })
}

const sizeError = 'must be a size of at least 64KiB, such as 8MiB'

const size = (usually: string) =>
  z
    .union([z.string(), z.number()], { error: sizeError })
    .refine((value) => (parseSize(String(value)) ?? 0) >= 65_536, { error: sizeError })
    .prefault(usually)

const octetsOf = (value: string | number): number => parseSize(String(value)) ?? 0

const unknownSchema = z
  .strictObject({
    directory: z
      .string({ error: 'must be a path' })
      .refine((text) => text.startsWith('/'), { error: 'must be an absolute path' })
      .describe('Where the files are, readable by their owner alone.'),
    max_bytes: size('64MiB').describe('Most that they take together; the oldest goes first.'),
    file_bytes: size('8MiB').describe('When a new file is begun.'),
    packets: integer(1, 255).prefault(20).describe('First packets of each such connection.'),
  })
  .refine((all) => octetsOf(all.max_bytes) >= 4 * octetsOf(all.file_bytes), {
    error: 'max_bytes must be four times file_bytes, or more',
  })

/** Where the first packets of unknown connections are kept. */
export interface UnknownPacketsConfig {
  readonly directory: string
  readonly maxOctets: number
  readonly fileOctets: number
  readonly packets: number
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
  snap_length: integer(128, 65_535)
    .prefault(4096)
    .describe("Octets of each: cards put a browser's hello of 2000 octets together."),
  unknown: unknownSchema
    .optional()
    .describe(
      'Keeps the first packets of connections that nothing recognised (pcap), with all that ' +
        'people said in them; left out: does not.'
    ),
})

/** What live classification goes by. */
export interface CaptureConfig {
  readonly enabled: 'auto' | boolean
  readonly group: number
  readonly packets: number
  readonly snapLength: number
  /** Empty: the group is read. */
  readonly interfaces: readonly string[]
  /** Left out: packets of unknown connections are not kept. */
  readonly unknown?: UnknownPacketsConfig
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
  const { unknown, interfaces, snap_length: snapLength } = rest
  return {
    enabled,
    group,
    packets,
    snapLength,
    interfaces,
    ...(unknown === undefined ? {} : { unknown: unknownPacketsOf(unknown) }),
  }
}

function unknownPacketsOf(file: z.output<typeof unknownSchema>): UnknownPacketsConfig {
  return {
    directory: file.directory,
    maxOctets: octetsOf(file.max_bytes),
    fileOctets: octetsOf(file.file_bytes),
    packets: file.packets,
  }
}
