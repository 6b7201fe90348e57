import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { didYouMean } from '../../model/did-you-mean.ts'
import { knownKeys } from './known-keys.ts'

/** The flags that every command with a configuration has. */
export interface CommonFlags {
  readonly config?: string
  readonly dataDir?: string
  readonly database?: string
  readonly listen?: string
  readonly netflow?: string
}

export type Environment = Readonly<Record<string, string | undefined>>

/** A value that replaces the file's, and who gave it. */
export interface Override {
  readonly path: readonly string[]
  readonly value: unknown
  readonly origin: string
}

const items = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')

/** An environment variable is text: the two words that mean a boolean become one. */
function fromEnvironment(text: string, list: boolean): unknown {
  if (list) return items(text)
  return text === 'true' ? true : text === 'false' ? false : text
}

/**
 * Secrets that systemd hands to the unit alone: with `LoadCredential=flowledger:DIRECTORY` it puts
 * each file of the directory at `$CREDENTIALS_DIRECTORY/flowledger_NAME`. A file is named by the
 * key that it sets, such as `database.url`.
 */
function fromCredentials(directory: string): Override[] {
  return knownKeys().flatMap(({ path, list }) => {
    const name = path.join('.')
    const file = join(directory, `flowledger_${name}`)
    if (!existsSync(file)) return []
    const value = fromEnvironment(readFileSync(file, 'utf8').trim(), list)
    return [{ path, value, origin: `credential ${name}` }]
  })
}

/** Weakest first: DATABASE_URL, credentials, FLOWLEDGER_…, flags. */
export function overrides(env: Environment, flags: CommonFlags): Override[] {
  const found: Override[] = []
  const url = env['DATABASE_URL']
  if (url !== undefined && url !== '') {
    found.push({ path: ['database', 'url'], value: url, origin: 'variable DATABASE_URL' })
  }
  const credentials = env['CREDENTIALS_DIRECTORY'] ?? ''
  if (credentials !== '') found.push(...fromCredentials(credentials))
  for (const { path, env: name, list } of knownKeys()) {
    const text = env[name]
    if (text === undefined || text === '') continue
    found.push({ path, value: fromEnvironment(text, list), origin: `variable ${name}` })
  }
  const flag = (value: string | undefined, path: readonly string[], name: string): void => {
    if (value !== undefined) found.push({ path, value, origin: `option ${name}` })
  }
  flag(flags.dataDir === undefined ? undefined : resolve(flags.dataDir), ['data_dir'], '--data-dir')
  flag(flags.database, ['database', 'url'], '--database')
  flag(flags.listen, ['api', 'listen'], '--listen')
  if (flags.netflow !== undefined) {
    const path = ['collector', 'netflow', 'listen']
    found.push({ path, value: [flags.netflow], origin: 'option --netflow' })
  }
  return found
}

/** Variables of ours that set no key; Kubernetes makes such ones for a service of our name. */
const otherVariables = /^FLOWLEDGER_(DEBUG|LOG_LEVEL|SKIP_LOG|SERVICE_|PORT)/

/** A sentence for each variable that looks like ours and sets nothing. */
export function strayVariables(env: Environment): string[] {
  const ours = Object.keys(env).filter((name) => name.startsWith('FLOWLEDGER_'))
  if (ours.length === 0) return []
  const known = knownKeys().map((key) => key.env)
  return ours
    .filter((name) => !known.includes(name) && !otherVariables.test(name))
    .map((name) => `The variable ${name} sets nothing.${didYouMean(name, known)}`)
}
