import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { decodeFiles } from '../../../cli/decode-files.ts'

const folder = fileURLToPath(new URL('../../../../shared/corpora/netflow/', import.meta.url))
const isThere = existsSync(folder)

type Line = Record<string, unknown>

function decode(names: readonly string[]): {
  all: Line[]
  data: Line[]
  problems: readonly string[]
} {
  let text = ''
  const { problems } = decodeFiles(
    names.map((name) => `${folder}${name}`),
    (chunk) => (text += chunk)
  )
  const all =
    text === ''
      ? []
      : text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Line)
  return { all, data: all.filter((line) => line['option'] === undefined), problems }
}

/** Sets of the index that say how many records they have. */
function countedSets(): { files: string[]; expected: number; name: string }[] {
  if (!isThere) return []
  const rows = readFileSync(`${folder}INDEX.tsv`, 'utf8').trim().split('\n').slice(1)
  const sets = new Map<string, number>()
  for (const row of rows) {
    const [, , , , set = '', expected = ''] = row.split('\t')
    const count = Number.parseInt(expected, 10)
    if (/^\d/.test(expected)) sets.set(set, count)
  }
  return [...sets].map(([set, expected]) => ({ files: set.split('+'), expected, name: set }))
}

describe.skipIf(!isThere)('recorded datagrams of real exporters', () => {
  test.each(countedSets())('$name: $expected records', ({ files, expected }) => {
    const { all } = decode(files)
    expect(all.length).toBe(expected)
  })
})
