import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { skipUnless } from '../skip.ts'
import { notRun } from './not-run.ts'
import { blocksOf, commandsOf, pages } from './page-commands.ts'
import type { Typed } from './page-commands.ts'
import { complaintOf, prepare } from './page-reader.ts'
import { prerequisites } from './prerequisites.ts'
import { gatewayMissing, makeReaderGateway } from './reader-gateway.ts'
import type { ReaderGateway } from './reader-gateway.ts'
import { checkout } from './reader-world.ts'
import type { World } from './reader-world.ts'
import { runByScript } from './run-by-script.ts'

/**
 * Every command of every page is given as it stands there, page after page, by a reader at a
 * gateway. What takes another machine is typed by a script (`run-by-script.ts`), and what cannot be
 * is listed with its reason in `not-run.ts`; those of `backup.md` are run by `backup.test.ts`, which
 * has a server for each.
 */
const elsewhere = new Map([['docs/how-to/backup.md', 'test/how-to/backup.test.ts']])

const isListed = (page: string, { text }: Typed): boolean =>
  notRun.some((each) => each.page === page && each.command === text) ||
  runByScript.some((each) => each.page === page && text.startsWith(each.words))

const readHere = pages.filter((page) => !elsewhere.has(page))
const toRun = readHere
  .map((page) => ({ page, typed: commandsOf(page).filter((each) => !isListed(page, each)) }))
  .filter(({ typed }) => typed.length > 0)

describe('what is known of the pages', () => {
  test('no block hides its commands behind another word, or is indented', () => {
    const known = new Set(['', 'sh', 'console', 'yaml', 'csv', 'sql', 'json'])
    const hidden = pages.flatMap((page) => {
      const fences = readFileSync(join(checkout, page), 'utf8').match(/^\s*(?:```|~~~).*$/gm) ?? []
      const closed = fences.filter((fence) => fence.trim() === '```').length
      const blocks = blocksOf(page)
      const all = fences.length === 2 * blocks.length && closed >= blocks.length
      return all && blocks.every(({ language }) => known.has(language)) ? [] : [page]
    })
    expect(hidden).toEqual([])
  })

  test('commands that are not run stand in their page', () => {
    const gone = notRun.filter(
      ({ page, command }) => !commandsOf(page).some(({ text }) => text === command)
    )
    expect(gone).toEqual([])
  })

  test.each(runByScript)('$page: $words … is typed by $by', ({ page, by, words }) => {
    const meant = commandsOf(page).filter(({ text }) => text.startsWith(words))
    expect(meant).toHaveLength(1)
    const script = readFileSync(join(checkout, by), 'utf8')
    // Scripts of the shell name the page by its file, and take what begins so by `typed`.
    const named = by.endsWith('.ts') ? page : basename(page)
    expect(script).toContain(named)
    expect(script).toMatch(by.endsWith('.ts') ? 'await type(' : 'typed ')
    expect(script).toContain(`'${words}'`)
  })

  test('what a reader has and types is for commands that are run', () => {
    const gone = Object.entries(prerequisites).flatMap(([page, known]) => {
      const run = toRun.find((each) => each.page === page)?.typed.map(({ text }) => text) ?? []
      const { status, typed, shows, follows = [], online = [], smaller, starts } = known
      const begun = starts === undefined ? [] : [starts]
      const named = [
        ...follows,
        ...online,
        ...begun,
        ...Object.keys({ ...status, ...typed, ...shows, ...smaller }),
      ]
      const unknown = named.filter((command) => !run.includes(command))
      return run.length === 0 ? [page] : unknown.map((command) => `${page}: ${command}`)
    })
    expect(gone).toEqual([])
  })

  test.each([...elsewhere])('every block of %s is run by %s', (page, file) => {
    const names = readFileSync(join(checkout, page), 'utf8').match(/(?<=^```sh ).+$/gm) ?? []
    const run = readFileSync(join(checkout, file), 'utf8')
    expect(names.length).toBe(blocksOf(page).filter(({ language }) => language === 'sh').length)
    expect(names.filter((name) => !run.includes(`mustRun('${name}'`))).toEqual([])
  })
})

describe.skipIf(skipUnless('kernel', gatewayMissing()))('pages, by a reader at a gateway', () => {
  let gateway: ReaderGateway | undefined
  let world: World
  beforeAll(async () => {
    gateway = await makeReaderGateway()
    world = gateway.world
  })
  afterAll(() => gateway?.close())

  describe.each(toRun)('$page', ({ page, typed }) => {
    beforeAll(async () => {
      if (prerequisites[page]?.starts === undefined) await gateway?.startProgram()
      await prepare(world, page)
    })
    afterAll(() => world.endKept())

    test.each(typed)('line $line: $text', async (each) => {
      expect(await complaintOf(world, page, each)).toBeUndefined()
    })
  })
})
