import { basename, isAbsolute, join } from 'node:path'
import { blocksOf } from './page-commands.ts'
import type { Typed } from './page-commands.ts'
import { prerequisites } from './prerequisites.ts'
import { clone } from './reader-clone.ts'
import { checkout } from './reader-world.ts'
import type { World } from './reader-world.ts'
import { firstMissingLine } from './shape.ts'

/** Where a page is read. */
function folderOf(page: string): string {
  const { inCheckout, inClone } = prerequisites[page] ?? {}
  if (inClone === true) return clone
  return inCheckout === true ? checkout : `/root/${basename(page, '.md')}`
}

/** The first block of a language in a page. */
function blockOf(page: string, language: string | undefined): string {
  const block = blocksOf(page).find((each) => each.language === language)
  if (block === undefined) throw new Error(`${page} has no block of "${language}"`)
  return block.text
}

/** Gives a reader what the page takes for granted. */
export async function prepare(world: World, page: string): Promise<void> {
  const { files = {}, before } = prerequisites[page] ?? {}
  const folder = folderOf(page)
  if (folder !== checkout && folder !== clone) await world.run('/', `mkdir ${folder}`)
  for (const [name, content] of Object.entries(files)) {
    const isShown = typeof content === 'object' && 'block' in content
    const text = isShown ? blockOf(page, content.block) : content
    world.write(isAbsolute(name) ? name : join(folder, name), text)
  }
  if (before === undefined) return
  const { code, stdout, stderr } = await world.run(folder, `set -e\n${before}`)
  if (code !== 0) throw new Error(`before ${page}: ${stdout}${stderr}`)
}

/** Whether a command tells its reader something: most of ours do, and what asks the API. */
const tells = (text: string): boolean =>
  /^(?:npx )?flowledger |^curl |^conntrack /.test(text) && !/\s> /.test(text)

/** A program that the page shows is written to a file and started as its users start it. */
const asTyped = (text: string): string =>
  text.startsWith('#!')
    ? `cat > shown <<'SHOWN'\n${text}\nSHOWN\nchmod +x shown && ./shown add 02:00:00:00:00:01 192.0.2.7 laptop`
    : text

/** Types a command; what is not as the page says, or undefined where all is. */
export async function complaintOf(
  world: World,
  page: string,
  { text, shown }: Typed
): Promise<string | undefined> {
  const known = prerequisites[page] ?? {}
  const { status = {}, typed = {}, shows = {}, follows = [], online = [], smaller = {} } = known
  if (known.starts === text) return world.keep(folderOf(page), text)
  if (follows.includes(text)) {
    const { printed, ended } = await world.follow(folderOf(page), text)
    return ended ? `it ended by itself: ${printed}` : undefined
  }
  const run: World['run'] = (at, typedText, answers) =>
    online.includes(text)
      ? world.runOnline(at, typedText, answers)
      : world.run(at, typedText, answers)
  const [asShown = '', given = ''] = smaller[text] ?? []
  const command = asTyped(text.replace(asShown, given))
  const { code, stdout, stderr } = await run(folderOf(page), command, typed[text])
  const all = `${stdout}${stderr}`
  const expected = status[text] ?? 0
  if (code !== expected) return `it ended with ${code}, not ${expected}: ${all}`
  if (tells(text) && all.trim() === '') return 'it printed nothing'
  const block = text in shows ? blockOf(page, shows[text]) : ''
  const missing = firstMissingLine(`${shown}\n${block}`, all)
  return missing === undefined ? undefined : `it does not print "${missing}", but: ${all}`
}
