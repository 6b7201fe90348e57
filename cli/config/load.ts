import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { configSchema } from '../../model/config-schema.ts'
import type { ConfigFile } from '../../model/config-schema.ts'
import { toConfig } from '../../model/config.ts'
import type { Config } from '../../model/config.ts'
import { FlowledgerError } from '../../model/errors.ts'
import { overrides, strayVariables } from './layers.ts'
import type { CommonFlags, Environment, Override } from './layers.ts'
import { problemsOf } from './problems.ts'
import type { Locate } from './problems.ts'
import { readYamlFile } from './yaml-file.ts'
import type { YamlFile } from './yaml-file.ts'

export const defaultConfigFile = '/etc/flowledger/config.yaml'

export interface LoadedConfig {
  readonly config: Config
  /** As the file's schema has it, defaults filled in. */
  readonly effective: ConfigFile
  readonly file: string | undefined
  /** Where the value at a path comes from: `FILE:LINE:COLUMN`, a variable, a flag or `default`. */
  originOf(path: readonly string[]): string
  /** Things to tell the operator that are no error. */
  readonly warnings: readonly string[]
}

/** /var/lib/flowledger for root; for others what the XDG base directories say. */
export function defaultDataDir(env: Environment, isRoot = process.getuid?.() === 0): string {
  if (isRoot) return '/var/lib/flowledger'
  const state = env['XDG_STATE_HOME']
  const base = state?.startsWith('/') ? state : join(homedir(), '.local/state')
  return join(base, 'flowledger')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A copy of `value` with `replacement` at `path`; sections that are missing or null are made. */
function withValue(value: unknown, path: readonly string[], replacement: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return replacement
  if (value !== undefined && value !== null && !isRecord(value)) return value
  return { ...value, [key]: withValue(value?.[key], rest, replacement) }
}

/** A section with nothing in it (`database:`) is YAML's null: it means the defaults. */
function dropEmptySections(value: unknown): unknown {
  if (!isRecord(value)) return value
  const kept = Object.entries(value).filter(([, child]) => child !== null)
  return Object.fromEntries(kept.map(([key, child]) => [key, dropEmptySections(child)]))
}

function locator(yaml: YamlFile | undefined, given: readonly Override[]): Locate {
  return (path, what) => {
    const text = path.join('.')
    const override = given.findLast(
      (each) => text === each.path.join('.') || text.startsWith(`${each.path.join('.')}.`)
    )
    return override?.origin ?? yaml?.locate(path, what) ?? 'configuration'
  }
}

function readFile(flags: CommonFlags, fallback: string): YamlFile | undefined {
  if (flags.config !== undefined) return readYamlFile(resolve(flags.config))
  return existsSync(fallback) ? readYamlFile(fallback) : undefined
}

/**
 * Reads the configuration: defaults, file, DATABASE_URL, FLOWLEDGER_… variables, flags; the later
 * win.
 *
 * @throws FlowledgerError `config-invalid` with the place of each thing that is wrong
 */
export function loadConfig(
  flags: CommonFlags,
  env: Environment = process.env,
  fallback = defaultConfigFile
): LoadedConfig {
  return configOf(readFile(flags, fallback), flags, env)
}

/** As {@link loadConfig}, of a file that was read; undefined where there is none. */
export function configOf(
  yaml: YamlFile | undefined,
  flags: CommonFlags,
  env: Environment
): LoadedConfig {
  const given = overrides(env, flags)
  let merged = dropEmptySections(yaml?.value ?? {})
  for (const { path, value } of given) merged = withValue(merged, path, value)
  if (isRecord(merged)) merged['data_dir'] ??= defaultDataDir(env)
  const parsed = configSchema.safeParse(merged)
  if (!parsed.success) {
    const locate = locator(yaml, given)
    const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, locate))
    throw new FlowledgerError('config-invalid', problems.join('\n'), { details: { problems } })
  }
  return {
    config: toConfig(parsed.data),
    effective: parsed.data,
    file: yaml?.file,
    originOf: (path) => {
      const override = given.findLast((each) => each.path.join('.') === path.join('.'))
      return override?.origin ?? (yaml?.has(path) ? yaml.locate(path, 'value') : 'default')
    },
    warnings: strayVariables(env),
  }
}
