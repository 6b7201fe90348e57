import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { progressLine, showProgress } from '../../cli/progress.ts'

test('lines, their rate, the part that is done, what is left', () => {
  const half = { lines: 1000, bytes: 50, bytesTotal: 100 }
  expect(progressLine(half, 2)).toBe('1000 lines, 500/s, 50 %, 2 s left')
  expect(progressLine(half, 130)).toBe('1000 lines, 8/s, 50 %, 2 min 10 s left')
  expect(progressLine({ lines: 7, bytes: 0, bytesTotal: 0 }, 0)).toBe('7 lines')
  expect(progressLine({ lines: 7, bytes: 100, bytesTotal: 100 }, 1)).toBe('7 lines, 7/s, 100 %')
})

/** What is written when progress is reported every 100 ms for 25 s. */
function written(isTTY: boolean): string {
  const stream = Object.assign(new PassThrough(), { isTTY }) as unknown as NodeJS.WriteStream
  let now = 0
  const display = showProgress(stream, () => now)
  for (; now <= 25_000; now += 100) display.report({ lines: now, bytes: 0, bytesTotal: 0 })
  display.end()
  return (stream.read() as Buffer).toString()
}

test('a terminal has one line that is written over and taken away', () => {
  const text = written(true)
  expect(text).not.toContain('\n')
  expect(text.split('\r').length).toBeGreaterThan(80)
  expect(text.endsWith('\r\u001b[K')).toBe(true)
})

test('a log has a line every ten seconds', () => {
  expect(written(false)).toBe('10000 lines, 1000/s\n20000 lines, 1000/s\n')
})
