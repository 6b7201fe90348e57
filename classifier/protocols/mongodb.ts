import type { Bytes } from '../../model/bytes.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * MongoDB wire protocol, little endian; the length holds the head:
 *
 *    0            4         8               12             16
 *   | length (4) | id (4)  | answers to (4) | operation (4) | ...
 *
 * Operations: 1 reply, 2001 .. 2007, 2010 .. 2013; behind 2004 flags and the name of a collection
 * ("admin.$cmd"), behind 2013 flags, then sections of kind 0 or 1 with BSON.
 */
const queries = new Set([2001, 2002, 2004, 2005, 2006, 2007, 2010, 2012, 2013])
const replies = new Set([1, 2011, 2012, 2013])
const maxBytes = 48_000_000
const reply = 1
const query = 2004
const message = 2013

function lookAmong(operations: ReadonlySet<number>, isReply: boolean): (bytes: Bytes) => Look {
  return (bytes) => {
    const length = bytes.u32le(0)
    if (length < 0) return 'more'
    if (length < 21 || length > maxBytes) return 'no'
    if (bytes.length < 21)
      return bytes.length < 16 || operations.has(bytes.u32le(12)) ? 'more' : 'no'
    const operation = bytes.u32le(12)
    if (!operations.has(operation)) return 'no'
    // A question answers nothing: 0, of some -1.
    if (!isReply && bytes.u32le(8) !== 0 && bytes.u32le(8) !== 0xffffffff) return 'no'
    // OP_REPLY: flags, then where the cursor is.
    if (operation === reply && bytes.u32le(16) > 0x0f) return 'no'
    if (operation === message && (bytes.u8(20) > 1 || bytes.u32le(16) > 0x1ffff)) return 'no'
    if (operation === query && !bytes.isPrintable(20, Math.max(21, bytes.indexOf(0, 20, 150))))
      return 'no'
    return 'yes'
  }
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, lookAmong(queries, false), lookAmong(replies, true))
  if (typeof talk === 'string') return talk
  const { client, server, confidence } = talk
  const operation = (client.length > 0 ? client : server).u32le(12)
  return { confidence, evidence: `operation ${operation}` }
}

export const mongodb: Protocol = {
  name: 'mongodb',
  title: 'MongoDB',
  category: 'database',
  transports: ['tcp'],
  ports: { tcp: [27_017, 27_018, 27_019] },
  classify,
}
