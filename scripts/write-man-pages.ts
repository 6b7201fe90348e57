import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { manPages } from './man-pages.ts'

/**
 * Writes the man pages into the folders of their sections: `npx tsx scripts/write-man-pages.ts
 * /usr/local/share/man`, and `man flowledger-lookup` finds them.
 */
const [root] = process.argv.slice(2)
if (root === undefined) throw new Error('Say where to, such as /usr/local/share/man.')
for (const [name, text] of Object.entries(manPages())) {
  const folder = join(root, `man${name.at(-1) ?? '1'}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, name), text)
}
console.log(`${Object.keys(manPages()).length} pages in ${root}`)
