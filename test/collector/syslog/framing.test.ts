import { expect, test } from 'vitest'
import { SyslogFramer, eachLine, maxMessageBytes } from '../../../collector/syslog/framing.ts'

function framed(chunks: readonly (string | Buffer)[]): { messages: string[]; tooLong: number } {
  const framer = new SyslogFramer()
  const messages: string[] = []
  const take = (message: string): void => void messages.push(message)
  for (const chunk of chunks) framer.push(Buffer.from(chunk), take)
  framer.end(take)
  return { messages, tooLong: framer.tooLong }
}

const counted = (message: string): string => `${message.length} ${message}`

test('messages are told by their count, or by a line feed, in one stream', () => {
  const stream = `${counted('<1>one\ntwo')}${counted('<1>three')}<1>four\n<1>five\n`
  const messages = ['<1>one\ntwo', '<1>three', '<1>four', '<1>five']
  expect(framed([stream]).messages).toEqual(messages)
  // However the stream is cut.
  for (let at = 0; at < stream.length; at++) {
    expect(framed([stream.slice(0, at), stream.slice(at)]).messages).toEqual(messages)
  }
  expect(framed(stream.split('')).messages).toEqual(messages)
})

test('text that begins with a number is no count', () => {
  expect(framed(['2026-03-01 one\n12 two\n']).messages).toEqual(['2026-03-01 one', '12 two'])
})

test('what is too long is passed over and counted, and the next message is read', () => {
  const long = '<1>'.padEnd(maxMessageBytes + 5, 'x')
  const chunked = [long.slice(0, 4000), long.slice(4000), '\n<1>next\n']
  expect(framed(chunked)).toEqual({ messages: ['<1>next'], tooLong: 1 })
  expect(framed([`${counted(long)}${counted('<1>next')}`])).toEqual({
    messages: ['<1>next'],
    tooLong: 1,
  })
  expect(framed(['999999999 <1>x'])).toEqual({ messages: [], tooLong: 1 })
})

test('a message that was cut by the end of the stream is none', () => {
  expect(framed([counted('<1>whole').slice(0, -2)]).messages).toEqual([])
  expect(framed(['<1>last']).messages).toEqual(['<1>last'])
})

test('a datagram may hold several lines', () => {
  const lines: string[] = []
  const long = 'x'.repeat(maxMessageBytes + 1)
  const tooLong = eachLine(Buffer.from(`one\r\ntwo\n\n${long}\nthree\0`), (line) =>
    lines.push(line)
  )
  expect(lines).toEqual(['one', 'two', 'three'])
  expect(tooLong).toBe(1)
})
