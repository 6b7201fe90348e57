import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { referencePages } from '../../scripts/reference.ts'

const pages = Object.entries(await referencePages())
const root = fileURLToPath(new URL('../..', import.meta.url))

describe('the reference pages are what the code says', () => {
  test.each(pages)('%s', (path, text) => {
    const written = readFileSync(join(root, path), 'utf8')
    expect(written, 'run: npx tsx scripts/generate-reference.ts').toBe(text)
  })
})
