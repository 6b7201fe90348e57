import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 854, RFC 855: commands stand between the text:
 *
 *   | ff | fb will, fc won't, fd do, fe don't | option |     | ff | fa | option | ... | ff | f0 |
 *
 * Both sides begin with them, most often the server. Then it asks for name and password.
 */
const will = 0xfb
const dont = 0xfe
const subnegotiation = 0xfa
const end = 0xf0
const escape = 0xff
/** RFC 2941 and others give options to 49 and 138 .. 140; 69 and 70 are in use as well. */
const isOption = (option: number): boolean => option <= 49 || (option >= 69 && option <= 140)

/** Counts the commands at the beginning; -1 where one is none, and where the text begins. */
function commands(bytes: Bytes): { count: number; at: number } {
  let [at, count] = [0, 0]
  while (bytes.u8(at) === escape && count < 64) {
    const command = bytes.u8(at + 1)
    if (command < 0) break
    if (command === subnegotiation) {
      const close = bytes.find('\u00ff\u00f0', at + 3)
      if (close < 0) break
      at = close + 2
    } else if (command >= will && command <= dont) {
      const option = bytes.u8(at + 2)
      if (option < 0) break
      if (!isOption(option)) return { count: -1, at }
      at += 3
    } else if (command >= end && command < subnegotiation) at += 2
    else return { count: -1, at }
    count++
  }
  return { count, at }
}

function look(bytes: Bytes): Look {
  if (bytes.u8(0) !== escape) return 'no'
  const second = bytes.u8(1)
  if (second >= 0 && (second < subnegotiation || second > dont)) return 'no'
  const { count } = commands(bytes)
  if (count < 0) return 'no'
  return count === 0 ? 'more' : 'yes'
}

/** A side that has no commands to say begins with text. */
function lookOrText(bytes: Bytes): Look {
  if (bytes.u8(0) === escape) return look(bytes)
  return bytes.isPrintable(0, 1) || bytes.u8(0) === 13 ? 'more' : 'no'
}

/** What was typed behind the commands, up to the end of the line. */
function nameTyped(client: Bytes): Metadata {
  const { at } = commands(client)
  const name = /^([\x20-\x7e]{1,64})[\r\n]/.exec(client.text(at, at + 80))?.[1]
  return name === undefined ? {} : { userName: name }
}

function isFollowedByText(bytes: Bytes): boolean {
  const { at } = commands(bytes)
  for (let i = at; i < Math.min(at + 16, bytes.length); i++) {
    const octet = bytes.u8(i)
    const isText = (octet >= 0x20 && octet < 0x7f) || (octet >= 7 && octet <= 13)
    if (!isText && octet !== 0 && octet !== 0x1b) return false
  }
  return true
}

function classify(flow: FlowView): Answer {
  // One side must speak in commands; the other may.
  const talk = agreement(flow, lookOrText, lookOrText, 90)
  if (typeof talk === 'string') return talk
  const { client, server, confidence } = talk
  const prompts = server.text(0, 4096)
  const asksForName = /(login|user ?name) ?: ?/i.test(prompts)
  const asksForPassword = /pass(word|code) ?: ?/i.test(prompts)
  const isSure = Math.max(commands(client).count, commands(server).count) > 1
  if (!isSure && confidence < 100) {
    if (!flow.isLast && !flow.hasPort(23)) return 'more'
    // One command alone may be anything; behind it there must be text.
    if (!isFollowedByText(client) || !isFollowedByText(server)) return 'never'
  }
  return {
    confidence: isSure || flow.hasPort(23) ? confidence : 70,
    evidence: 'commands that negotiate options',
    metadata: asksForName ? nameTyped(client) : {},
    risks: asksForPassword ? ['clear-text-credentials'] : [],
    more: !asksForPassword,
  }
}

export const telnet: Protocol = {
  name: 'telnet',
  title: 'Telnet',
  category: 'remote-access',
  transports: ['tcp'],
  ports: { tcp: [23] },
  classify,
}
