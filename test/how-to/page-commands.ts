import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** A block of a page between fences. */
export interface Block {
  /** Its first line in the page. */
  readonly line: number
  /** The word behind the fence: `sh`, `console`, `yaml`; empty for none. */
  readonly language: string
  readonly text: string
}

/** A command as a reader types it. */
export interface Typed {
  readonly line: number
  /** As it stands in the page, less a comment at its end. */
  readonly text: string
  /** What the page shows of its output; empty where it shows none. */
  readonly shown: string
}

/** README first, then the tutorial, then the rest by name. */
export const pages: readonly string[] = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map((name) => `docs/${name}`),
]

function rank(name: string): number {
  const at = ['tutorial/', 'how-to/'].findIndex((folder) => name.startsWith(folder))
  return at === -1 ? 2 : at
}

export function blocksOf(page: string): Block[] {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length + 1,
    language: match[1]?.split(' ')[0] ?? '',
    text: match[2] ?? '',
  }))
}

/** Every command of a page, in its order. */
export function commandsOf(page: string): Typed[] {
  return blocksOf(page).flatMap((block) => {
    if (block.language === 'console') return typedAtPrompts(block)
    return block.language === 'sh' ? typedInScript(block) : []
  })
}

const withoutComment = (text: string): string => text.replace(/ {2,}# [^\n]*$/, '').trimEnd()

/** A word behind `<<` whose line has not come yet. */
function isOpenDocument(text: string): boolean {
  const word = /<<-?\s*(["']?)(\w+)\1/.exec(text)?.[2]
  return word !== undefined && !text.split('\n').slice(1).includes(word)
}

const goesOn = (text: string): boolean =>
  /[\\|]$/.test(withoutComment(text)) || isOpenDocument(text)

/** Commands of a block of shell; one that begins with `#!` is a program, and as a whole one. */
function typedInScript({ line, text }: Block): Typed[] {
  if (text.startsWith('#!')) return [{ line, text: text.trimEnd(), shown: '' }]
  const typed: Typed[] = []
  let open = ''
  for (const [index, each] of text.split('\n').entries()) {
    if (open === '' && /^\s*(#|$)/.test(each)) continue
    const whole = open === '' ? each : `${open}\n${each}`
    open = goesOn(whole) ? whole : ''
    const at = line + index - whole.split('\n').length + 1
    if (open === '') typed.push({ line: at, text: withoutComment(whole), shown: '' })
  }
  return typed
}

/** Commands behind `$ ` or `# `, each with what stands below it. */
function typedAtPrompts({ line, text }: Block): Typed[] {
  const starts = [...text.matchAll(/^[$#] /gm)].map(({ index }) => index)
  return starts.map((start, nth) => {
    const lines = text.slice(start + 2, starts[nth + 1]).split('\n')
    const ends = lines.findIndex((_, at) => !goesOn(lines.slice(0, at + 1).join('\n'))) + 1
    return {
      line: line + text.slice(0, start).split('\n').length - 1,
      text: withoutComment(lines.slice(0, ends).join('\n')),
      shown: lines.slice(ends).join('\n').trim(),
    }
  })
}
