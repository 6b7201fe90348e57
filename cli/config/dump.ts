import { stringify } from 'yaml'
import type { LoadedConfig } from './load.ts'
import { knownKeys } from './known-keys.ts'

/** A URL with its password as `***`; text that is no URL is hidden whole. */
export function maskUrl(text: string): string {
  if (!URL.canParse(text)) return '***'
  const url = new URL(text)
  if (url.password !== '') url.password = '***'
  if (url.searchParams.has('password')) url.searchParams.set('password', '***')
  return url.toString()
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    value
  )
}

/** A copy in which no secret is shown. */
function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, withoutSecret(key, each)])
  )
}

/** Headers of a request carry the key to somebody else's system, URLs of databases a password. */
function withoutSecret(key: string, value: unknown): unknown {
  if (key === 'secret') return '***'
  if (key === 'headers' && typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.keys(value).map((name) => [name, '***']))
  }
  const isUrl = key === 'url' && typeof value === 'string'
  return isUrl && value.startsWith('postgres') ? maskUrl(value) : withoutSecrets(value)
}

/** One configured value for people: a flow-style YAML scalar or list, secrets masked. */
function shown(path: readonly string[], value: unknown): string {
  const isUrl = path.at(-1)?.endsWith('url') === true
  const masked = isUrl && typeof value === 'string' ? maskUrl(value) : value
  return stringify(withoutSecrets(masked), { collectionStyle: 'flow', lineWidth: 0 }).trimEnd()
}

/**
 * The merged configuration as YAML that may be used as a file, with the origin of each value in a
 * comment. Values that are left out and have no default are not shown.
 */
export function dumpConfig(loaded: LoadedConfig): string {
  const lines: string[] = []
  let section: readonly string[] = []
  for (const { path } of knownKeys()) {
    const parents = path.slice(0, -1)
    const value = valueAt(loaded.effective, path)
    if (value === undefined) continue
    for (const [depth, parent] of parents.entries()) {
      if (section[depth] === parent && depth < section.length) continue
      lines.push(`${'  '.repeat(depth)}${parent}:`)
      section = parents.slice(0, depth + 1)
    }
    section = parents
    const text = `${'  '.repeat(parents.length)}${path.at(-1)}: ${shown(path, value)}`
    lines.push(`${text.padEnd(48)} # ${loaded.originOf(path)}`)
  }
  return `${lines.join('\n')}\n`
}
