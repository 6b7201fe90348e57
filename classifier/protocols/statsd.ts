import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * github.com/statsd/statsd, docs/metric_types.md, a metric in each line:
 *
 *   name:value|type[|@rate][|#tags]            types c, g, ms, h, s, d
 */
const line = /^[\w.\-/ ]{1,200}:[-+]?[\w.]{1,40}\|(c|g|ms|h|s|d)(\|[@#cT][^|\n]*)*$/
const maxLine = 512

function look(bytes: Bytes): Look {
  const first = bytes.u8(0)
  if (first < 0x2d || first > 0x7a) return 'no'
  const end = bytes.indexOf(10)
  const text = bytes.text(0, Math.min(maxLine, end < 0 ? bytes.length : end))
  return line.test(text) ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'a metric in text', one: 85 }

export const statsd: Protocol = {
  name: 'statsd',
  title: 'StatsD',
  category: 'monitoring',
  transports: ['udp'],
  ports: { udp: [8125] },
  classify: (flow) => agree(flow, look, found),
}
