import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { humanLine, makeLog } from '../../cli/log.ts'
import { paint, table, usesColour } from '../../cli/output.ts'

/** A stream that says of itself whether it is a terminal, and what was written to it. */
function stream(isTTY: boolean) {
  const through = Object.assign(new PassThrough(), { isTTY }) as unknown as NodeJS.WriteStream
  return { through, text: () => (through.read() as Buffer).toString() }
}

test('JSON lines where nobody watches', () => {
  const { through, text } = stream(false)
  makeLog(through).warn('The kernel dropped events.', { lost: 3 })
  expect(JSON.parse(text())).toMatchObject({
    level: 40,
    msg: 'The kernel dropped events.',
    lost: 3,
  })
})

test('a line for people on a terminal', () => {
  const { through, text } = stream(true)
  makeLog(through).info('Following.', { events: 2 })
  // oxlint-disable-next-line no-control-regex -- colours are control characters
  const plain = text().replaceAll(/\u001b\[\d+m/g, '')
  expect(plain).toMatch(/^\d\d:\d\d:\d\d\.\d{3} INFO {2}Following\. events=2\n$/)
})

test('what came from the wire cannot drive the terminal', () => {
  const line = JSON.stringify({ level: 30, time: 0, msg: 'Seen.', host: '\u001b[2Jevil\n' })
  expect(humanLine(line, false)).toBe('00:00:00.000 INFO  Seen. host="\\u001b[2Jevil\\n"\n')
})

test('NO_COLOR and a pipe take the colours away', () => {
  expect(usesColour(stream(true).through, {})).toBe(true)
  expect(usesColour(stream(true).through, { NO_COLOR: '1' })).toBe(false)
  expect(usesColour(stream(false).through, {})).toBe(false)
  expect(paint('x', 'red', false)).toBe('x')
})

test('columns line up and nothing trails', () => {
  expect(
    table([
      ['a', 'bb', ''],
      ['ccc', 'd', 'e'],
    ])
  ).toBe('a    bb\nccc  d   e\n')
})
