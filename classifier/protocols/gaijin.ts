import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * Games of Gaijin report on themselves in text: | name.event,env=production,circuit=...,key=value |
 */
const text = /^[\w.]+,env=\w+,circuit=/

function look(bytes: Bytes): Look {
  const first = bytes.u8(0)
  if (first < 0x61 || first > 0x7a) return 'no'
  return text.test(bytes.text(0, 120)) ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'report in text', one: 85, application: 'gaijin' }

export const gaijin: Protocol = {
  name: 'gaijin',
  title: 'Gaijin games',
  category: 'games',
  transports: ['udp'],
  ports: { udp: [20011] },
  classify: (flow) => agree(flow, look, found),
}
