import type { Context } from 'hono'
import { evidenceType } from '../evidence-file/envelope.ts'
import type { PageEnv } from './visitor.ts'

const accepts: Readonly<Record<string, string>> = {
  json: evidenceType,
  html: 'text/html',
  pdf: 'application/pdf',
  csv: 'text/csv',
}

/**
 * An answer of the API as it is, in the form that a button or link named: what browsers cannot ask
 * for by a header. A page of a signed file has a policy of its own, which allows its style.
 *
 * @param form json, html, pdf or csv
 * @throws ApiProblem
 */
export async function passOn(
  c: Context<PageEnv>,
  path: string,
  form: string,
  method: 'GET' | 'POST'
): Promise<Response> {
  const Accept = accepts[form] ?? evidenceType
  const response = await c.get('visitor').api.response(path, { method, headers: { Accept } })
  return new Response(response.body, response)
}
