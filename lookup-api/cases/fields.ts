import { z } from 'zod'

/** Members of the bodies that people send for cases. */

/** One line for tables and terminals: no control characters, no halves of characters. */
export const line = (max: number): z.ZodString =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'holds control characters')

/** Text of several lines. */
export const words = (max: number): z.ZodString =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    // Line feed and tab are the control characters that text has.
    .regex(/^(?:[^\p{Cc}\p{Cs}]|[\n\t])*$/u, 'holds control characters')

export const timeText = z.string().trim().min(1).max(64)

/** How deep what people send may be nested. */
const maxDepth = 32

/** True where the value is nested less deep; without recursion, which depth would end. */
function isShallow(value: unknown): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; depth < maxDepth; depth++) {
    level = level.flatMap((one) =>
      typeof one === 'object' && one !== null ? Object.values(one) : []
    )
    if (level.length === 0) return true
  }
  return false
}

/** JSON as somebody else made it, bounded. */
export const anyObject = z
  .record(z.string(), z.unknown())
  .refine(isShallow, `is nested deeper than ${maxDepth}`)
