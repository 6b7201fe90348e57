import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * SMPP 3.4 §3.2 and 5.0, messages between exchanges and centres; the length holds the head:
 *
 *    0            4             8            12             16
 *   | length (4) | command (4) | status (4) | sequence (4) | ...
 *
 * Commands, answers with the high bit: 1, 2, 9 bind ("system" 0 "password" 0), 3 query, 4 submit,
 * 5 deliver, 6 unbind, 7 replace, 8 cancel, 0b outbind, 15h are you there, 103h data.
 */
const commands = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 0x0b, 0x15, 0x21, 0x102, 0x103, 0x111])
const binds = new Set([1, 2, 9])
const answerBit = 0x80000000
const headBytes = 16
const maxBytes = 65_536
const largestStatus = 0x04ff

function look(bytes: Bytes): Look {
  if (bytes.u8(0) !== 0 || bytes.u8(1) > 0) return 'no'
  if (bytes.length < headBytes) return bytes.length < 8 || isCommand(bytes.u32(4)) ? 'more' : 'no'
  const length = bytes.u32(0)
  const command = bytes.u32(4)
  if (length < headBytes || length > maxBytes || !isCommand(command)) return 'no'
  const status = bytes.u32(8)
  if (command < answerBit ? status !== 0 : status > largestStatus) return 'no'
  if (bytes.length < length) return length < 1024 ? 'more' : 'no'
  // Behind it nothing, or another.
  return bytes.length === length || isCommand(bytes.u32(length + 4)) ? 'yes' : 'more'
}

function isCommand(command: number): boolean {
  if (command === answerBit) return true
  return commands.has(command >= answerBit ? command - answerBit : command)
}

function bindOf(client: Bytes): Metadata {
  const end = client.indexOf(0, headBytes, headBytes + 16)
  const isName = binds.has(client.u32(4)) && client.isPrintable(headBytes, end)
  return isName ? { userName: client.text(headBytes, end) } : {}
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, look, look, 80)
  if (typeof talk === 'string') return talk
  const { client, server } = talk
  const metadata = bindOf(client)
  return {
    confidence: client.length > 0 && server.length > 0 ? 100 : 80,
    evidence: 'message of SMPP with its length',
    metadata,
    risks: metadata.userName === undefined ? [] : ['clear-text-credentials'],
  }
}

export const smpp: Protocol = {
  name: 'smpp',
  title: 'SMPP',
  category: 'messaging',
  transports: ['tcp'],
  begins: [0],
  ports: { tcp: [2775] },
  classify,
}
