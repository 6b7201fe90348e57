import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * jsonrpc.org/specification, without HTTP around it:
 *
 *   {"jsonrpc": "2.0", "method": "...", "params": ..., "id": 1}
 */
const maxSearched = 1024

function look(bytes: Bytes): Look {
  const first = bytes.u8(0)
  if (first !== 0x7b && first !== 0x5b) return 'no'
  const text = bytes.text(0, Math.min(maxSearched, bytes.length))
  if (!/^[[{]\s*(["{[]|$)/.test(text)) return 'no'
  if (/"jsonrpc"\s*:\s*"2\.0"/.test(text)) return 'yes'
  return bytes.length < maxSearched ? 'more' : 'no'
}

/** Below what is surer, since others speak it with methods of their own. */
const found: Agreement = { evidence: 'member jsonrpc', one: 75, both: 78 }

export const jsonRpc: Protocol = {
  name: 'json-rpc',
  title: 'JSON-RPC',
  category: 'middleware',
  transports: ['tcp'],
  begins: '[{',
  classify: (flow) => agree(flow, look, found),
}
