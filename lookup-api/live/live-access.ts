import type { Context } from 'hono'
import { FlowledgerError } from '../../model/errors.ts'
import type { ApiEnv } from '../authentication.ts'

/** @throws FlowledgerError `not-allowed` for a token that is bound to some addresses */
export function requireEveryAddress(c: Context<ApiEnv>, to: 'watch' | 'list'): void {
  if (c.get('principal').prefixes === undefined) return
  throw new FlowledgerError('not-allowed', `This token may not ${to} every address.`)
}

/**
 * What the classifying thread answered.
 *
 * @throws FlowledgerError `not-running` where nothing is classified
 */
export function requireClassified<T>(answer: T | undefined): T {
  if (answer !== undefined) return answer
  throw new FlowledgerError('not-running', 'No connection is classified in this process.')
}
