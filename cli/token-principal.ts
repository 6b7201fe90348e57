import { readFile } from 'node:fs/promises'
import { FlowledgerError } from '../model/errors.ts'
import type { Config } from '../model/config.ts'
import type { Principal } from '../model/principal.ts'
import type { Database } from '../store/database.ts'

/** The flag by which a command acts as the person whose token it is. */
export const tokenFileOption = [
  '--token-file <file>',
  'act as the person whose token it holds (default: $FLOWLEDGER_TOKEN)',
] as const

/** The token of a file, else of FLOWLEDGER_TOKEN; undefined where neither is given. */
export async function tokenOf(file: string | undefined): Promise<string | undefined> {
  const named = process.env['FLOWLEDGER_TOKEN']
  if (file === undefined) return named === undefined || named === '' ? undefined : named
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (cause) {
    throw new FlowledgerError('usage', `${file} cannot be read.`, { cause })
  }
}

/**
 * Who acts: whose token was given, else the user of the command line, who is nobody's second
 * person.
 *
 * @param database a pool of the log-in `audit`
 * @throws FlowledgerError `token-invalid`
 */
export async function principalOfFlags(
  database: Database,
  config: Config,
  flags: { readonly tokenFile?: string }
): Promise<Principal> {
  const token = await tokenOf(flags.tokenFile)
  if (token === undefined) return (await import('./actor.ts')).principalOfCommand()
  const { checkToken } = await import('../store/tokens.ts')
  const { principalOfToken } = await import('../model/principal.ts')
  const holder = await checkToken(database, token)
  if (holder === undefined) {
    throw new FlowledgerError('token-invalid', 'The token is unknown, expired or revoked.', {
      fix: '"flowledger token list" shows those that there are.',
    })
  }
  return principalOfToken(holder, config.access.separateDuties)
}
