import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * Quake III and its kin (id Software, "Quake III Arena networking"), connectionless packets in
 * text:
 *
 *   | ff ff ff ff | command | blank, LF or NUL | ...
 */
const commands = new Set([
  'getstatus',
  'statusResponse',
  'getinfo',
  'infoResponse',
  'getchallenge',
  'challengeResponse',
  'connect',
  'connectResponse',
  'disconnect',
  'print',
  'rcon',
  'getservers',
  'getserversResponse',
  'getserversExt',
  'getserversExtResponse',
  'heartbeat',
  'getKeyAuthorize',
  'getIpAuthorize',
])
const longest = 24

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if (bytes.u32(0) !== 0xffffffff) return flow.datagrams.length > 1 ? 'more' : 'no'
  const word = /^[A-Za-z]+/.exec(bytes.text(4, 4 + longest))?.[0] ?? ''
  return commands.has(word) ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'connectionless command' }

export const quake: Protocol = {
  name: 'quake',
  title: 'Quake queries',
  category: 'games',
  transports: ['udp'],
  begins: [0xff],
  ports: { udp: [27960, 26000] },
  classify: (flow) => agree(flow, look, found),
}
