import { z } from 'zod'
import { didYouMean } from '../model/did-you-mean.ts'
import { ProblemError } from './problem.ts'
import type { ProblemPart } from './problem.ts'

/**
 * Query parameters, read strictly: an unknown name or one given twice is an error. A misspelt
 * `destination_ip` that were passed over would turn a question about one connection into one about
 * all of them.
 */

/** A parameter's text, bounded. */
export const text = (description: string): z.ZodOptional<z.ZodString> =>
  z.string().max(200).optional().describe(description)

const pageSize = z
  .string()
  .regex(/^[1-9]\d{0,3}$/, 'is a number from 1 to 1000')
  .transform(Number)
  .refine((size) => size <= 1000, 'is a number from 1 to 1000')

/** How many items a page holds: 1..1000. */
export const limit = pageSize.default(100).describe('items of a page, 1 to 1000')

export const cursor = text('where the page before ended: its `next`')

function problemsOf(
  queries: Readonly<Record<string, readonly string[]>>,
  known: readonly string[]
): ProblemPart[] {
  const parts: ProblemPart[] = []
  for (const [name, values] of Object.entries(queries)) {
    const pointer = `#/${name.slice(0, 60)}`
    if (!known.includes(name)) {
      parts.push({ pointer, detail: `is not a parameter.${didYouMean(name, known)}` })
    } else if (values.length > 1) {
      parts.push({ pointer, detail: `is given ${values.length} times.` })
    }
  }
  return parts
}

const refuse = (errors: readonly ProblemPart[]): ProblemError => {
  const sentences = errors.map(({ pointer, detail }) => `"${pointer.slice(2)}" ${detail}`)
  return new ProblemError(400, 'usage', sentences.join(' '), { errors })
}

/**
 * Reads the parameters of a request.
 *
 * @param queries every value of every parameter, as hono's `c.req.queries()` gives them
 * @throws ProblemError 400 that names each parameter that is wrong
 */
export function readParameters<S extends z.ZodObject>(
  queries: Readonly<Record<string, readonly string[]>>,
  schema: S
): z.output<S> {
  const wrong = problemsOf(queries, Object.keys(schema.shape))
  if (wrong.length > 0) throw refuse(wrong)
  const given = Object.fromEntries(Object.entries(queries).map(([name, [value]]) => [name, value]))
  const result = schema.safeParse(given)
  if (result.success) return result.data
  throw refuse(
    result.error.issues.map(({ path, message }) => ({
      pointer: `#/${path.join('/')}`,
      detail: `${message}.`,
    }))
  )
}

interface Parameter {
  readonly name: string
  readonly in: 'query'
  readonly required: boolean
  readonly description: string
  readonly schema: { readonly type: 'string' }
}

/** The parameters as the OpenAPI document lists them: all of them text on the wire. */
export function describeParameters(schema: z.ZodObject): Parameter[] {
  return Object.entries(schema.shape).map(([name, field]) => ({
    name,
    in: 'query',
    required: !(field as z.ZodType).safeParse(undefined).success,
    description: (field as z.ZodType).description ?? '',
    schema: { type: 'string' },
  }))
}
