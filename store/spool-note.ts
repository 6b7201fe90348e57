import { z } from 'zod'
import { gapReasons } from '../model/coverage.ts'

/** Which source a note is of, in a spool that holds several: see spool-sources.ts. */
const sourceIndex = z.int().min(1).max(0xffff).optional()

/**
 * What a spool tells besides flows: where a source's coverage begins, where it has gaps, and which
 * frames count together or not at all.
 */
export const spoolNote = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('watched-from'), us: z.number(), source: sourceIndex }),
  z.strictObject({
    type: z.literal('gap'),
    fromUs: z.number(),
    toUs: z.number(),
    reason: z.enum(gapReasons),
    lost: z.number().optional(),
    source: sourceIndex,
  }),
  /** What follows up to `commit` is read once that is there, and never where its segment ends. */
  z.strictObject({ type: z.literal('begin') }),
  /** The frames since `begin` are all there; `of` names what they were made of. */
  z.strictObject({ type: z.literal('commit'), of: z.array(z.string().max(40)) }),
  /** Progress of sources, in a spool that holds several. */
  z.strictObject({
    type: z.literal('progress'),
    of: z.array(
      z.strictObject({
        source: z.int().min(1).max(0xffff),
        watermarkUs: z.number(),
        closedThroughUs: z.number(),
        skewUs: z.number().min(0).optional(),
      })
    ),
  }),
])

export type SpoolNote = z.infer<typeof spoolNote>
