import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import type { AnyTarget } from './target.ts'

const root = new URL('../finds/', import.meta.url)

const folderOf = (target: AnyTarget): URL => new URL(`${target.name}/`, root)

/** Inputs that once broke a target: each is run first, for ever. */
export function findsOf(target: AnyTarget): { name: string; text: string }[] {
  const folder = folderOf(target)
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }))
}

/** Keeps an input as a find; gives its path. */
export function keepFind(target: AnyTarget, text: string): string {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 12)
  const file = new URL(`${digest}.txt`, folderOf(target))
  mkdirSync(dirname(file.pathname), { recursive: true })
  writeFileSync(file, `${text}\n`)
  return file.pathname
}
