import { randomBytes } from 'node:crypto'
import { appendFileSync, writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { importConntrack } from '../../../cli/import.ts'
import { describeImport } from '../../../cli/import/progress.ts'
import {
  MemoryLedger,
  event,
  file,
  imported,
  log,
  options,
  quiet,
  spans,
  withoutFlowId,
} from './world.ts'

describe('damage', () => {
  test('bad lines are counted by reason with their place, and cost nothing else', async () => {
    const lines = log(5)
    lines.splice(
      3,
      0,
      'rubbish\n',
      `${'x'.repeat(20_000)}\n`,
      lines[0]?.replace('10.0.0.0', '300.1.1.1') ?? ''
    )
    const path = file(lines.join(''))
    const { result } = await imported([path])
    expect(result.rows).toBe(5)
    expect(result.rejected).toEqual({
      'not-conntrack': { count: 1, first: `${path}:4` },
      'line-too-long': { count: 1, first: `${path}:5` },
      'bad-address': { count: 1, first: `${path}:6` },
    })
  })

  test('chunks may end anywhere: every cut of the stream gives the same rows', async () => {
    const text = Buffer.from(`${log(8, 3).join('')}${'y'.repeat(9000)}\n${log(3, 1).join('')}`)
    const whole = await imported(['-'], { stdin: Readable.from([text]) })
    const plain = whole.ledger.rows.map(withoutFlowId).sort()
    for (const size of [1, 7, 100, 8191, 8192, 8193, 9001]) {
      const chunks: Buffer[] = []
      for (let at = 0; at < text.length; at += size) chunks.push(text.subarray(at, at + size))
      const { ledger, result } = await imported(['-'], { stdin: Readable.from(chunks) })
      expect(ledger.rows.map(withoutFlowId).sort()).toEqual(plain)
      expect(result.rejected).toEqual(whole.result.rejected)
    }
    expect(whole.result.rejected['line-too-long']?.count).toBe(1)
  })

  test('a line that is still being written is left for the next run', async () => {
    const [whole = ''] = log(1)
    const cut = whole.slice(0, whole.indexOf(' mark=') - 1)
    const path = file(event(0, 'NEW', 9) + cut)
    const { ledger, result } = await imported([path])
    expect(result.rejected['unterminated-line']?.count).toBe(1)
    expect(ledger.rows).toHaveLength(1)
    writeFileSync(path, event(0, 'NEW', 9) + whole)
    expect(await importConntrack([path], options, ledger, quiet)).toMatchObject({ rows: 1 })
    expect(spans(ledger, 0)).toHaveLength(1)
  })

  test('a last line without its end is taken where its tuples are whole, once', async () => {
    const path = file(event(0, 'NEW', 1) + event(5, 'DESTROY', 1).trimEnd())
    const { ledger, result } = await imported([path])
    expect(result).toMatchObject({ rows: 1, rejected: {} })
    appendFileSync(path, `\n${event(9, 'NEW', 2)}`)
    expect(await importConntrack([path], options, ledger, quiet)).toMatchObject({ rows: 1 })
  })

  test('a compressed file that is cut short gives what it has, and says so', async () => {
    const whole = gzipSync(Array.from({ length: 4000 }, (_, i) => event(i, 'DESTROY', i)).join(''))
    const path = file(whole.subarray(0, whole.length >> 1))
    const { ledger, result } = await imported([path])
    expect(result.damaged).toEqual([path])
    expect(ledger.rows.length).toBeGreaterThan(500)
    expect(describeImport(result).join(' ')).toContain('cut short')
    writeFileSync(path, whole)
    await importConntrack([path], options, ledger, quiet)
    expect(new Set(ledger.rows).size).toBe(4000)
    expect(ledger.rows).toHaveLength(4000)
  })

  test.each([
    ['-o xml', '<?xml version="1.0" encoding="utf-8"?>\n<conntrack>\n', '-o xml form'],
    ['-o save', '-A -t 118 -s 10.9.0.2 -d 203.0.113.9 -p tcp\n', '-o save form'],
    ['prose', 'hello\nworld\n', 'not-conntrack: 2'],
    ['noise', randomBytes(100_000), 'holds no line'],
    [
      'no times',
      log(2)
        .map((line) => line.slice(20))
        .join(''),
      'does not say when',
    ],
  ])('%s is refused with a sentence', async (_, content, sentence) => {
    const path = file(content)
    const ledger = new MemoryLedger()
    for (let time = 0; time < 2; time++) {
      await expect(importConntrack([path], options, ledger, quiet)).rejects.toMatchObject({
        code: 'usage',
        exitCode: 2,
        message: expect.stringContaining(sentence),
      })
    }
    expect(ledger.commits).toBe(0)
  })

  test('nothing at all is no error', async () => {
    expect((await imported([file('')])).result).toMatchObject({ lines: 0, rows: 0 })
    const summary = 'conntrack v1.4.7 (conntrack-tools): 0 flow entries have been shown.\n'
    expect((await imported([file(summary)])).result).toMatchObject({ lines: 1, rejected: {} })
  })
})
