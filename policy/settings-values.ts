import { z } from 'zod'
import { parseDuration } from '../model/quantity.ts'
import { parseRate, rateForm } from '../model/rate.ts'
import { elementFields } from './kernel/needs.ts'
import type { IpVersion } from './kernel/needs.ts'

/*
 * Values that the settings of several targets have. Each also takes the form in which Netify's
 * file has it: hexadecimal numbers as text, times to live as seconds.
 */

const wordError = 'must be a number of 32 bits, such as 0x20'

/** A number of 32 bits, as number or as text in decimal or hexadecimal. */
export const word32 = z
  .union([z.number(), z.string()], { error: wordError })
  .refine(
    (value) =>
      /^(0[xX][0-9a-fA-F]{1,8}|\d{1,10})$/.test(String(value)) && Number(value) <= 0xffffffff,
    { error: wordError }
  )
  .transform(Number)

const ttlError = 'must be a duration such as 10m, or a number of seconds; 0 is for ever'

/** Seconds that an element lives; 0: for ever. */
export const ttl = z
  .union([z.number(), z.string()], { error: ttlError })
  .transform((value) => {
    if (typeof value === 'number') return value
    return /^\d+$/.test(value) ? Number(value) : (parseDuration(value) ?? -1) / 1e6
  })
  .refine((seconds) => Number.isInteger(seconds) && seconds >= 0 && seconds <= 2_147_483, {
    error: ttlError,
  })

const durationError = 'must be a duration such as 10m'

/** A duration, in microseconds. */
export const duration = z
  .string({ error: durationError })
  .refine((text) => parseDuration(text) !== undefined, { error: durationError })
  .transform((text) => parseDuration(text) ?? 0)

/** `10/s`. */
export const rate = z
  .string({ error: rateForm })
  .refine((text) => parseRate(text) !== undefined, { error: rateForm })
  .transform((text) => parseRate(text) ?? { count: 1, perUs: 1e6 })

const setError = 'must be the name of a set: 31 letters, digits, . _ - at most'

/** The name of a set: as ipset and nft both take it. */
export const setName = z
  .string({ error: setError })
  .regex(/^[A-Za-z][A-Za-z0-9._-]{0,30}$/, { error: setError })

/** The name of a table of nftables. */
export const tableName = setName

/** Which versions of IP; of both there is a set for each, with .v4 and .v6 behind its name. */
export const ipVersion = z
  .enum(['ipv4', 'ipv6', 'both'], { error: 'must be ipv4, ipv6 or both' })
  .prefault('both')

export const elements = z
  .array(z.enum(elementFields, { error: `must be a list of ${elementFields.join(', ')}` }))
  .min(1)
  .max(8)

/** The versions that a set is made for. */
export const versionsOf = (chosen: z.output<typeof ipVersion>): readonly IpVersion[] =>
  chosen === 'both' ? [4, 6] : [chosen === 'ipv4' ? 4 : 6]
