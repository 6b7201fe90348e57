import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../model/config.ts'
import { accessDatabase } from './database-access.ts'
import type { DatabaseAccess } from './database-access.ts'

/** What a check found out. `fix` says how to mend it, as a command where there is one. */
export interface Finding {
  readonly state: 'ok' | 'warn' | 'fail'
  readonly text: string
  readonly fix?: string
}

/** What a check may look at. */
export interface CheckContext {
  readonly config: Config
  /** The file's text without white space around it, or undefined where it cannot be read. */
  read(path: string): string | undefined
  list(path: string): readonly string[]
  readonly database: DatabaseAccess
}

/** One question that doctor asks; none of them changes anything. */
export interface Check {
  readonly name: string
  run(context: CheckContext): Finding | Promise<Finding>
}

export const ok = (text: string): Finding => ({ state: 'ok', text })
export const warn = (text: string, fix: string): Finding => ({ state: 'warn', text, fix })
export const fail = (text: string, fix: string): Finding => ({ state: 'fail', text, fix })

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** A context over the files below `root`, which is `/` but in tests. */
export function contextOf(config: Config, root = '/'): CheckContext {
  return {
    config,
    database: accessDatabase(config),
    read: (path) => orUndefined(() => readFileSync(join(root, path), 'utf8').trim()),
    list: (path) => orUndefined(() => readdirSync(join(root, path))) ?? [],
  }
}
