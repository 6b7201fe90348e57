import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../model/config.ts'
import { errorCodes, FlowledgerError } from '../model/errors.ts'
import { tokenOf } from './token-principal.ts'

/** The token that was given, else the one that the first start left in the data directory. */
async function anyToken({ dataDir }: Config, file: string | undefined): Promise<string> {
  const given = await tokenOf(file)
  if (given !== undefined) return given
  try {
    return (await readFile(join(dataDir, 'admin-token'), 'utf8')).trim()
  } catch (cause) {
    const what = `There is no token in ${dataDir} to ask the running program with.`
    throw new FlowledgerError('token-invalid', what, {
      cause,
      fix: 'Name the directory of the running program with --data-dir, or give --token-file.',
    })
  }
}

/** What a refusal that has no code of ours is to a command. */
const codes = { 400: 'usage', 401: 'token-invalid', 403: 'not-allowed' } as const

/**
 * Asks the running program by its API, as anybody does: rights are checked, and the audit knows.
 *
 * @param tokenFile file of a token; left out: FLOWLEDGER_TOKEN, else that of the first start
 * @returns the body, which is JSON
 * @throws FlowledgerError `not-running` where nobody answers, or what the API refused it with
 */
export async function askApi(
  config: Config,
  tokenFile: string | undefined,
  path: string,
  query: Readonly<Record<string, string>>,
  method: 'GET' | 'POST' = 'GET'
): Promise<Record<string, unknown>> {
  const authorization = `Bearer ${await anyToken(config, tokenFile)}`
  const url = `http://${config.api.listen}${path}?${new URLSearchParams(query).toString()}`
  const response = await fetch(url, { method, headers: { authorization } }).catch(
    (cause: unknown) => {
      throw new FlowledgerError('not-running', `Nobody answers at ${config.api.listen}.`, {
        cause,
        fix: 'Start "flowledger up", or say with --listen where it answers.',
      })
    }
  )
  const body = (await response.json()) as Record<string, unknown>
  if (response.ok) return body
  const own = errorCodes.find((code) => code === body['code'])
  const code = own ?? codes[response.status as keyof typeof codes] ?? 'not-running'
  throw new FlowledgerError(code, String(body['detail'] ?? body['title']))
}
