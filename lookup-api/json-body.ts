import type { Context } from 'hono'
import type { z } from 'zod'
import { ProblemError } from './problem.ts'

/** PostgreSQL keeps no null character in a text, so none is taken: an escape is how JSON has it. */
function withoutNull(_: string, value: unknown): unknown {
  if (typeof value !== 'string' || !value.includes('\0')) return value
  throw new ProblemError(400, 'usage', 'A text of the body holds a null character.')
}

/**
 * Reads a body of JSON, strictly: what the schema does not know is an error.
 *
 * @throws ProblemError 415 where it is called something else, 400 with a pointer to what is wrong
 */
export async function readJsonBody<S extends z.ZodType>(
  c: Context,
  schema: S
): Promise<z.output<S>> {
  const type = c.req.header('Content-Type')?.split(';')[0]?.trim().toLowerCase()
  // No form of a foreign page can send this type without asking first (CORS).
  if (type !== 'application/json') {
    throw new ProblemError(415, 'unsupported-media-type', 'Send the body as application/json.')
  }
  let value: unknown
  try {
    value = JSON.parse(await c.req.text(), withoutNull)
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw new ProblemError(400, 'usage', 'The body is no JSON.')
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const errors = result.error.issues.slice(0, 20).map(({ path, message }) => ({
    pointer: `#/${path.map(String).join('/').slice(0, 200)}`,
    detail: message,
  }))
  const sentences = errors.map(({ pointer, detail }) => `"${pointer.slice(2)}": ${detail}.`)
  throw new ProblemError(400, 'usage', sentences.join(' '), { errors })
}
