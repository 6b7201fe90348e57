import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * Games of Riot measure their servers with datagrams that end so:
 *
 *   | ... | aa aa aa aa | bb bb bb bb |
 */
const minBytes = 24

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  const size = bytes.wireLength
  if (
    size >= minBytes &&
    bytes.u32(size - 8) === 0xaaaaaaaa &&
    bytes.u32(size - 4) === 0xbbbbbbbb
  ) {
    return 'yes'
  }
  return flow.datagrams.length > 1 ? 'more' : 'no'
}

const found: Agreement = {
  evidence: 'ends in aaaaaaaabbbbbbbb',
  one: 85,
  application: 'riot-games',
}

export const riotGames: Protocol = {
  name: 'riot-games',
  title: 'Riot Games',
  category: 'games',
  transports: ['udp'],
  classify: (flow) => agree(flow, look, found),
}
