import { describe, expect, test } from 'vitest'
import { progressLine, showProgress } from '../../../cli/import/progress.ts'

/** What is shown in 25 seconds. */
function shown(isTTY: boolean): string[] {
  const out: string[] = []
  let now = 0
  const stream = { isTTY, write: (text: string) => out.push(text) }
  const { report, done } = showProgress(stream, () => now)
  for (; now <= 25_000; now += 100) report({ lines: now, bytes: 0, bytesTotal: 0 })
  done()
  return out
}
describe('progress', () => {
  test('says how fast, how far and how long', () => {
    const progress = { lines: 600_000, bytes: 25e6, bytesTotal: 100e6 }
    expect(progressLine(progress, 2000)).toBe('600000 lines, 300000 lines/s, 25 %, 6 s left')
    expect(progressLine({ ...progress, bytesTotal: 0 }, 2000)).toBe('600000 lines, 300000 lines/s')
    expect(progressLine({ ...progress, bytes: 10_000 }, 2000)).toContain('5 h 33 min left')
  })

  test('is one line written over on a terminal, and one each ten seconds otherwise', () => {
    expect(shown(false)).toEqual(['10000 lines, 1000 lines/s\n', '20000 lines, 1000 lines/s\n'])
    expect(shown(true).length).toBe(126)
    expect(shown(true).every((text) => text.startsWith('\r'))).toBe(true)
  })
})
