import type { z } from 'zod'
import { FlowledgerError } from '../model/errors.ts'

/**
 * What was given, as the schema has it.
 *
 * @param name of the argument, for people
 * @throws FlowledgerError `usage`
 */
export function checked<S extends z.ZodType>(schema: S, given: unknown, name: string): z.output<S> {
  const result = schema.safeParse(given)
  if (result.success) return result.data
  const reason = result.error.issues[0]?.message ?? 'is not valid'
  throw new FlowledgerError('usage', `The ${name} cannot be taken: ${reason}.`)
}
