import { expect, test } from 'vitest'
import { firstMissingLine } from './shape.ts'

const printed = `192.0.2.7:80 at 2026-03-01T12:00:00.000Z +/- 1 s
Verdict: unique
RANK  INSIDE       END
1     10.0.0.5:80  open
`

test('numbers, addresses, times and the layout may differ', () => {
  const shown =
    '192.0.2.1:9 at 2025-01-01T00:00:00Z +/- 2 s\nVerdict: unique\nRANK INSIDE END\n1 x1 open'
  expect(firstMissingLine(shown, printed)).toBeUndefined()
})

test.each(['Verdict: multiple', 'INSIDE  RANK', 'Verdict: unique\nat'])(
  'words that are others, or in another order, are told: %s',
  (shown) => expect(firstMissingLine(shown, printed)).toBe(shown.split('\n').at(-1))
)
