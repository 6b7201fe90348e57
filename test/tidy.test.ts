import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

/**
 * The rules of the house that no linter knows. Each test lists every offence, so that one run shows
 * all there is to mend.
 */

const root = fileURLToPath(new URL('..', import.meta.url))

/** Below these stands source; what is elsewhere is no program. */
const folders = [
  'model',
  'netlink',
  'criteria',
  'collector',
  'classifier',
  'policy',
  'exporter',
  'store',
  'migrations',
  'lookup-api',
  'appliance',
  'cli',
  'scripts',
  'bench',
  'test',
] as const

/** What each folder may import from, beside itself; `.` is the top of the tree. */
const middle = ['model', 'netlink', 'criteria']
const below = [...middle, 'collector', 'classifier', 'policy', 'exporter', 'store', 'migrations']
const everything = [...below, 'lookup-api', 'appliance', 'cli', '.', 'scripts', 'bench', 'test']
const mayImport: Readonly<Record<string, readonly string[]>> = {
  model: [],
  netlink: ['model'],
  criteria: ['model'],
  collector: middle,
  classifier: middle,
  policy: middle,
  exporter: middle,
  store: [...middle, 'migrations'],
  migrations: ['model'],
  'lookup-api': [...middle, 'store'],
  // The wiring: it knows everybody but the command line.
  appliance: [...below, 'lookup-api'],
  '.': [...below, 'lookup-api', 'appliance'],
  cli: [...below, 'lookup-api', 'appliance', '.'],
  scripts: everything,
  bench: everything,
  test: everything,
}

/** Files that are long because they are a table, and are read as one. */
const tables: ReadonlySet<string> = new Set([
  'model/information-elements.ts',
  'classifier/protocols.ts',
])

/** Shipped beside what they describe, and run by tests alone. */
const testTools: ReadonlySet<string> = new Set(['store/schema-dump.ts'])

/** Files that are started, not imported. */
const isEntry = (file: string): boolean =>
  file === 'cli/main.ts' ||
  // bin/flowledger.js starts it.
  file === 'cli/quick-start.ts' ||
  file.startsWith('scripts/') ||
  /^bench\/[^/]+\.tsx?$/.test(file) ||
  /\.test\.tsx?$/.test(file) ||
  file === 'vitest.config.ts' ||
  // vitest.config.ts names it: it runs before each file of tests.
  file === 'test/seed.ts'

const maxLines = 300
const maxColumns = 100

interface Source {
  readonly file: string
  readonly text: string
  /** Text without comments and without what stands in strings. */
  readonly code: string
  /** Files of ours that it imports, relative to the root. */
  readonly imports: readonly string[]
  /** Files that it names in other ways: worker threads, child processes. */
  readonly mentions: readonly string[]
}

/**
 * Blanks comments and the insides of strings and regular expressions, keeping every line break, so
 * that words in them are no code. Expressions in templates are kept.
 */
function codeOf(text: string): string {
  const tokens =
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`/g
  return text.replaceAll(tokens, (token) => {
    if (token.startsWith('/')) return token.replaceAll(/[^\n]/g, ' ')
    return token[0] + token.slice(1, -1).replaceAll(/[^\n]/g, ' ') + token.at(-1)
  })
}

const importPattern =
  /(?:\bfrom|\bimport|\bimport\()\s*['"](\.[^'"]+)['"]|vi\.mock\(['"](\.[^'"]+)['"]/g

function importsOf(file: string, text: string): string[] {
  const withoutComments = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  return [...withoutComments.matchAll(importPattern)].map(([, from, mocked]) =>
    normalize(join(dirname(file), from ?? mocked ?? ''))
  )
}

/** `new URL('./worker.ts', import.meta.url)` and the like: starts a file without importing it. */
function mentionsOf(file: string, text: string): string[] {
  return [...text.matchAll(/['"`](\.{1,2}\/[\w./-]+)['"`]/g)].map(([, path]) =>
    normalize(join(dirname(file), path ?? ''))
  )
}

function readSources(): Source[] {
  const files = [
    ...readdirSync(root).filter((name) => /\.tsx?$/.test(name)),
    ...folders.flatMap((folder) => filesBelow(folder)),
  ]
  return files.map((file) => {
    const text = readFileSync(join(root, file), 'utf8')
    const imports = importsOf(file, text)
    return { file, text, code: codeOf(text), imports, mentions: mentionsOf(file, text) }
  })
}

function filesBelow(folder: string): string[] {
  try {
    return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
  } catch (error) {
    // A folder of the design that this version has nothing in yet.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

const sources = readSources()
const shipped = sources.filter(({ file }) => !/^(test|bench|scripts)\//.test(file))
const folderOf = (file: string): string => (file.includes('/') ? (file.split('/')[0] ?? '.') : '.')

/** Every file that one of `of` imports or names. */
function reachedBy(of: readonly Source[]): Set<string> {
  return new Set(of.flatMap(({ imports, mentions }) => [...imports, ...mentions]))
}

/** Each line of `text` that matches, as `file:line`. */
function linesWith(pattern: RegExp, of: readonly Source[], pick: 'text' | 'code'): string[] {
  return of.flatMap((source) =>
    source[pick]
      .split('\n')
      .flatMap((line, i) => (pattern.test(line) ? [`${source.file}:${i + 1}`] : []))
  )
}

test('the scanner sees the tree', () => {
  expect(sources.map(({ file }) => file)).toContain('model/fields.ts')
  const main = sources.find(({ file }) => file === 'cli/main.ts')
  expect(main?.imports).toContain('cli/start.ts')
  expect(codeOf("a('const enum') // enum\nb")).toBe(`a('${' '.repeat(10)}') ${' '.repeat(7)}\nb`)
})

describe('imports', () => {
  test('run one way: the folders are the diagram', () => {
    const wrong = sources.flatMap(({ file, imports }) => {
      const from = folderOf(file)
      const allowed = new Set([from, ...(mayImport[from] ?? everything)])
      const crossing = imports.filter((path) => !allowed.has(folderOf(path)))
      return crossing.map((path) => `${file} imports ${path}`)
    })
    expect(wrong.filter((line) => !line.endsWith('package.json'))).toEqual([])
  })

  test('name files that are there, with their extension', () => {
    const known = new Set(sources.map(({ file }) => file))
    const wrong = sources.flatMap(({ file, imports }) =>
      imports
        .filter((path) => !known.has(path) && !path.endsWith('.json'))
        .map((path) => `${file} imports ${path}`)
    )
    expect(wrong).toEqual([])
  })

  test('make no circle', () => {
    const importsByFile = new Map(sources.map(({ file, imports }) => [file, imports]))
    const done = new Set<string>()
    const circles: string[] = []
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' > '))
      if (done.has(file) || path.includes(file)) return
      for (const next of importsByFile.get(file) ?? []) visit(next, [...path, file])
      done.add(file)
    }
    for (const { file } of sources) visit(file, [])
    expect(circles).toEqual([])
  })

  test('reach every file: nothing is dead', () => {
    const byAll = reachedBy(sources)
    const byShipped = reachedBy(shipped)
    const dead = sources
      .map(({ file }) => file)
      .filter((file) => !isEntry(file) && !byAll.has(file))
    // What only tests import is dead too: it does nothing for anybody.
    const onlyTested = shipped
      .map(({ file }) => file)
      .filter((file) => !isEntry(file) && !testTools.has(file))
      .filter((file) => byAll.has(file) && !byShipped.has(file))
    expect({ dead, onlyTested }).toEqual({ dead: [], onlyTested: [] })
  })
})

describe('files', () => {
  test(`have at most ${maxLines} lines, tables excepted`, () => {
    const long = sources
      .filter(({ file, text }) => !tables.has(file) && text.split('\n').length - 1 > maxLines)
      .map(({ file, text }) => `${file}: ${text.split('\n').length - 1}`)
    expect(long).toEqual([])
  })

  test(`have lines of at most ${maxColumns} columns`, () => {
    const columns = new RegExp(`^.{${maxColumns + 1}}`, 'u')
    // Recorded input and expected output in tests keep the form that they have in the world.
    const own = sources.filter(({ file }) => !file.startsWith('test/'))
    expect(linesWith(columns, own, 'text')).toEqual([])
  })

  test('have kebab-case names', () => {
    const names = sources.map(({ file }) => file)
    expect(
      names.filter((file) => !/^([a-z0-9-]+\/)*[a-z0-9-]+(\.[a-z0-9]+)*\.tsx?$/.test(file))
    ).toEqual([])
  })
})

describe('text', () => {
  test('is erasable TypeScript: no enum, namespace or parameter property', () => {
    const pattern =
      /\b(const\s+)?enum\s+\w+\s*\{|^\s*(export\s+)?namespace\s|constructor\([^)]*\b(private|public|protected|readonly)\s/
    expect(linesWith(pattern, sources, 'code')).toEqual([])
  })

  test('of pages names what makes elements, which tsx must not have to look for', () => {
    const pragma = '/** @jsxRuntime automatic @jsxImportSource hono/jsx */\n'
    const without = sources.filter(({ file, text }) => {
      return file.endsWith('.tsx') && !text.startsWith(pragma)
    })
    expect(without.map(({ file }) => file)).toEqual([])
  })

  test('promises nothing for later', () => {
    // Put together here, so that this file does not hold the words that it forbids.
    const words = [
      ['TO', 'DO'],
      ['FIX', 'ME'],
      ['X', 'XX'],
      ['[Nn]ot imple', 'mented'],
    ]
    const pattern = new RegExp(`\\b(${words.map((parts) => parts.join('')).join('|')})\\b`)
    expect(linesWith(pattern, sources, 'text')).toEqual([])
  })

  test('hides no test: none is only, none is switched off without a reason', () => {
    const pattern = /\b(test|it|describe)\.(only|skip|todo)\b/
    expect(linesWith(pattern, sources, 'code')).toEqual([])
  })

  test('says of each export of model/ what it is', () => {
    const silent = sources
      .filter(({ file }) => file.startsWith('model/'))
      .flatMap(({ file, text }) => {
        const lines = text.split('\n')
        return lines.flatMap((line, i) => {
          const name = /^export (?:async )?(?:const|function|class|interface|type) (\w+)/.exec(line)
          if (name === null) return []
          const above = lines[i - 1]?.trim() ?? ''
          // A type of the same name as the list above it is explained there.
          const derived = /^export type \w+ = (\(?typeof|z\.(infer|output|input))/.test(line)
          return above.endsWith('*/') || derived ? [] : [`${file}:${i + 1} ${name[1]}`]
        })
      })
    expect(silent).toEqual([])
  })
})
