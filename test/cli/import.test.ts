import { appendFileSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { importConntrack } from '../../cli/import.ts'
import {
  MemoryLedger,
  event,
  file,
  folder,
  imported,
  log,
  options,
  quiet,
  spans,
} from './import/world.ts'

describe('once is enough', () => {
  test('the same text again adds nothing, under any name, compressed or not', async () => {
    const lines = log(6000)
    const path = file(lines.join(''))
    const { ledger, result } = await imported([path])
    expect(result).toMatchObject({ lines: 12_000, linesKnown: 0, rows: 6000, rejected: {} })
    expect(ledger.sources).toEqual(['old gateway'])
    expect(new Set(ledger.rows).size).toBe(6000)
    const moved = join(folder, 'renamed.1')
    renameSync(path, moved)
    const gz = file(gzipSync(readFileSync(moved)))
    for (const again of [moved, gz]) {
      const second = await importConntrack([again], options, ledger, quiet)
      expect(second).toMatchObject({ lines: 12_000, linesKnown: 12_000, rows: 0 })
    }
    expect(ledger.rows).toHaveLength(6000)
  })

  test('killed at every commit in turn and run again: the same rows, each once', async () => {
    const path = file(log(15_000).join(''))
    const whole = (await imported([path])).ledger
    expect(whole.commits).toBeGreaterThan(2)
    const ledger = new MemoryLedger()
    for (let die = 1; die < 20; die++) {
      ledger.commits = 0
      ledger.dieAtCommit = 2
      const run = importConntrack([path], options, ledger, quiet)
      if (
        await run.then(
          () => true,
          () => false
        )
      )
        break
    }
    expect(ledger.sorted).toEqual(whole.sorted)
  })

  test('interrupted by a signal: what is there is written, the next run goes on', async () => {
    const path = file(log(15_000).join(''))
    const stop = new AbortController()
    const ledger = new MemoryLedger()
    const first = await importConntrack([path], { ...options, signal: stop.signal }, ledger, () =>
      stop.abort()
    )
    expect(first.interrupted).toBe(true)
    expect(first.rows).toBe(ledger.rows.length)
    expect(first.rows).toBeGreaterThan(0)
    expect(first.rows).toBeLessThan(15_000)
    const second = await importConntrack([path], options, ledger, quiet)
    expect(second).toMatchObject({ interrupted: false, rows: 15_000 - first.rows })
    expect(ledger.sorted).toEqual((await imported([path])).ledger.sorted)
  })

  test('a text that grows, twice: only what is new, slices that meet, no instant twice', async () => {
    const path = file(event(0, 'NEW', 1) + event(1, 'NEW', 2))
    const { ledger } = await imported([path])
    expect(ledger.rows).toHaveLength(2)
    appendFileSync(path, event(2e6, 'UPDATE', 1))
    await importConntrack([path], options, ledger, quiet)
    appendFileSync(path, event(9e6, 'DESTROY', 1) + event(9e6, 'DESTROY', 2))
    const last = await importConntrack([path], options, ledger, quiet)
    expect(last.rows).toBe(2)
    expect(spans(ledger, 1)).toEqual([
      [0, 0, 9],
      [0, 2e6, 9],
      [2e6, 9e6, 8],
    ])
    await importConntrack([path], options, ledger, quiet)
    expect(ledger.rows).toHaveLength(5)
  })

  test('excerpts that begin alike are told apart by what follows', async () => {
    const lines = log(200)
    const one = file([lines[0], ...lines.slice(2, 150)].join(''))
    const other = file([lines[0], ...lines.slice(1, 100)].join(''))
    const { ledger } = await imported([one])
    const alone = (await imported([other])).ledger.rows.length
    const second = await importConntrack([other], options, ledger, quiet)
    expect(second).toMatchObject({ linesKnown: 0, rows: alone })
    for (const path of [one, other]) {
      expect(await importConntrack([path], options, ledger, quiet)).toMatchObject({ rows: 0 })
    }
  })

  test('the same lines with another --at are another import', async () => {
    const path = file(event(0, 'DESTROY', 1).slice(20))
    const ledger = new MemoryLedger()
    for (const atUs of [1_600_000_000e6, 1_600_000_100e6, 1_600_000_000e6]) {
      await importConntrack([path], { ...options, atUs }, ledger, quiet)
    }
    expect(ledger.rows).toHaveLength(2)
  })
})
describe('several texts', () => {
  test('rotated logs in any order: a connection may begin in one and end in the next', async () => {
    const lines = log(300)
    const older = file(gzipSync(lines.slice(0, 250).join('')))
    const newer = file(lines.slice(250).join(''))
    const { ledger, result } = await imported([newer, older])
    expect(result.flows).toMatchObject({ orphans: 0, closed: 300 })
    const again = await importConntrack([older, newer], options, ledger, quiet)
    expect(again.rows).toBe(0)
  })

  test('a wrong path costs nothing that was before it', async () => {
    const ledger = new MemoryLedger()
    const paths = [file(log(10).join('')), join(folder, 'missing')]
    await expect(importConntrack(paths, options, ledger, quiet)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('there is no such file'),
    })
    expect(ledger.rows).toEqual([])
    await expect(importConntrack([folder], options, ledger, quiet)).rejects.toMatchObject({
      message: expect.stringContaining('it is a directory'),
    })
  })
})
describe('standard input', () => {
  test('lines without a time get that of their arrival; rows are written while it is open', async () => {
    const stdin = new PassThrough()
    const stop = new AbortController()
    const ledger = new MemoryLedger()
    const run = importConntrack(
      ['-'],
      { ...options, stdin, signal: stop.signal, nowUs: () => Date.now() * 1000 },
      ledger,
      quiet
    )
    const before = Date.now() * 1000
    stdin.write(event(0, 'NEW', 1).slice(20))
    stdin.write(event(0, 'DESTROY', 1).slice(20))
    while (ledger.rows.length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    const after = Date.now() * 1000
    const [[from = 0, to = 0, flags] = []] = spans(ledger, 1)
    expect(from + 1.7e15).toBeGreaterThanOrEqual(before)
    expect(to + 1.7e15).toBeLessThanOrEqual(after)
    expect(flags).toBe(8)
    stdin.write(event(0, 'NEW', 2).slice(20))
    await new Promise((resolve) => setTimeout(resolve, 50))
    stop.abort()
    expect((await run).interrupted).toBe(true)
    expect(spans(ledger, 2)).toHaveLength(1)
  })
})
