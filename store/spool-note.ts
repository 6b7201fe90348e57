import { z } from 'zod'
import { gapReasons } from '../model/coverage.ts'

/** What a spool tells besides flows: where a source's coverage begins, and where it has gaps. */
export const spoolNote = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('watched-from'), us: z.number() }),
  z.strictObject({
    type: z.literal('gap'),
    fromUs: z.number(),
    toUs: z.number(),
    reason: z.enum(gapReasons),
    lost: z.number().optional(),
  }),
])

export type SpoolNote = z.infer<typeof spoolNote>
