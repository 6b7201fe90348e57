import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * ISO 13400-2 §8:
 *
 *    0         1              2            4
 *   | version | its inverse  | type (2)   | length of the rest (4) | ...
 */
/** Of those who ask for a vehicle's identity, types 1 .. 3. */
const anyVersion = 0xff
const types = new Set([
  0, 1, 2, 3, 4, 5, 6, 7, 8, 0x4001, 0x4002, 0x4003, 0x4004, 0x8001, 0x8002, 0x8003,
])

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  const version = bytes.u8(0)
  const isVersion = (version >= 1 && version <= 4) || version === anyVersion
  if (!isVersion || (bytes.length > 1 && bytes.u8(1) !== (version ^ 0xff))) return 'no'
  if (bytes.length < 8) return flow.transport === 'tcp' ? 'more' : 'no'
  const type = bytes.u16(2)
  if (!types.has(type) || (version === anyVersion && (type < 1 || type > 3))) return 'no'
  const length = bytes.u32(4)
  return flow.transport === 'tcp'
    ? length < 0x1000000
      ? 'yes'
      : 'no'
    : length + 8 === bytes.wireLength
      ? 'yes'
      : 'no'
}

const found: Agreement = { evidence: 'version, its inverse and length' }

export const doip: Protocol = {
  name: 'doip',
  title: 'DoIP',
  category: 'industrial',
  transports: ['udp', 'tcp'],
  begins: [1, 2, 3, 4, 0xff],
  ports: { udp: [13400], tcp: [13400] },
  classify: (flow) => agree(flow, look, found),
}
