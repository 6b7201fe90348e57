import { z } from 'zod'
import { parseDuration, parseSize } from './quantity.ts'

const sizeError = 'must be a size of at least 128MiB, such as 1GiB'
const durationError = 'must be a duration of at least an hour, such as 30d'

/** The configuration of the policy: what is done with connections by what they are. */
export const policyConfigSchema = z.strictObject({
  rules: z
    .string({ error: 'must be the path of a file' })
    .min(1)
    .describe('File of the policy, in our form or in that of Netify (how-to/policy.md).'),
  keep: z
    .string({ error: durationError })
    .refine((text) => (parseDuration(text) ?? 0) >= 3600e6, { error: durationError })
    .prefault('30d')
    .describe('How long it is kept what was done to each connection.'),
  max_bytes: z
    .union([z.string(), z.number()], { error: sizeError })
    .refine((value) => (parseSize(String(value)) ?? 0) >= 128 << 20, { error: sizeError })
    .prefault('1GiB')
    .describe('Most that it takes on disk; the oldest goes first.'),
})

/** What acting on connections goes by. */
export interface PolicyConfig {
  readonly rules: string
  readonly keepUs: number
  readonly maxBytes: number
}

/** What the file says, read. */
export function policyConfigOf(file: z.output<typeof policyConfigSchema>): PolicyConfig {
  return {
    rules: file.rules,
    keepUs: parseDuration(file.keep) ?? 0,
    maxBytes: parseSize(String(file.max_bytes)) ?? 0,
  }
}
