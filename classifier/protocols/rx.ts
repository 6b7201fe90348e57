import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * OpenAFS, doc/pdf "Rx protocol specification":
 *
 *    0        4             8      12       16       20     21      22       23         24
 *   | epoch  | connection  | call | number | serial | type | flags | status | security | check ...
 *
 *   at 26 the service (2)
 *   types: 1 data, 2 acknowledge, 3 busy, 4 abort, 5 all acknowledged, 6 challenge, 7 response,
 *   8 debug, 9 .. 12 parameters, 13 version
 */
const firstPort = 7000
const lastPort = 7009

function look(bytes: Bytes): Look {
  const [type, flags, security] = [bytes.u8(20), bytes.u8(21), bytes.u8(23)]
  if (bytes.wireLength < 28 || type < 1 || type > 13 || flags > 0x3f || security > 4) return 'no'
  return bytes.u32(0) > 0 && bytes.u32(8) < 0x1000000 && bytes.u32(12) < 0x1000000 ? 'yes' : 'no'
}

/** True where all are of one connection. */
function isOne(flow: FlowView): boolean {
  const first = flow.datagrams[0]?.bytes
  return flow.datagrams.every(({ bytes }) => {
    const isSame = bytes.u32(4) === first?.u32(4)
    return bytes.u32(0) === first?.u32(0) && isSame
  })
}

function classify(flow: FlowView): Answer {
  const isOnPort = flow.sides.some(({ port }) => port >= firstPort && port <= lastPort)
  const evidence = 'packets of one connection'
  const found = isOnPort ? { evidence, one: 80 } : { evidence, both: 85, datagrams: 99 }
  const answer = agree(flow, look, found)
  return typeof answer === 'object' && !isOne(flow) && !isOnPort ? 'never' : answer
}

export const rx: Protocol = {
  name: 'rx',
  title: 'Rx (AFS)',
  category: 'file',
  transports: ['udp'],
  ports: { udp: [7000, 7001, 7002, 7003] },
  classify,
}
