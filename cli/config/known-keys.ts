import { z } from 'zod'
import { configSchema } from '../../model/config-schema.ts'

/** A key of the configuration that holds a value, as the schema has it. */
export interface KnownKey {
  readonly path: readonly string[]
  /** The environment variable that sets it. */
  readonly env: string
  readonly text: string
  readonly default: unknown
  /** True where the value is a list: the environment variable takes its items between commas. */
  readonly list: boolean
}

interface Node {
  readonly properties?: Readonly<Record<string, Node>>
  readonly description?: string
  readonly default?: unknown
  readonly type?: string | readonly string[]
}

function walk(node: Node, path: readonly string[], found: KnownKey[]): void {
  if (node.properties !== undefined) {
    for (const [key, child] of Object.entries(node.properties)) walk(child, [...path, key], found)
    return
  }
  found.push({
    path,
    env: `FLOWLEDGER_${path.join('_').toUpperCase()}`,
    text: node.description ?? '',
    default: node.default,
    list: node.type === 'array',
  })
}

let keys: readonly KnownKey[] | undefined

/** Every key that holds a value, in the schema's order. */
export function knownKeys(): readonly KnownKey[] {
  if (keys !== undefined) return keys
  const found: KnownKey[] = []
  walk(z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as Node, [], found)
  keys = found
  return found
}

/** The keys that may stand directly in the section at `path`; `[]` is the top of the file. */
export function keysOfSection(path: readonly PropertyKey[]): readonly string[] {
  const inside = knownKeys().filter((key) => path.every((part, i) => key.path[i] === part))
  return [...new Set(inside.flatMap((key) => key.path[path.length] ?? []))]
}
