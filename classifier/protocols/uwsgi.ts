import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * uwsgi-docs.readthedocs.io, "The uwsgi protocol":
 *
 *    0            1                  3
 *   | modifier 0 | length (2, LE)   | modifier | variables: | length (2, LE) | name | value ...
 */
const names = new RegExp(
  '^(REQUEST_(METHOD|URI)|QUERY_STRING|PATH_INFO|HTTPS|SCRIPT_NAME|DOCUMENT_ROOT|' +
    '(HTTP|SERVER|CONTENT|REMOTE|UWSGI)_[A-Z_]+)$'
)

function look(bytes: Bytes, fromClient: boolean): Look {
  // The answer is HTTP.
  if (!fromClient) return bytes.mayHave('HTTP/') ? 'more' : 'no'
  if (bytes.u8(0) !== 0) return 'no'
  const length = bytes.u16le(1)
  if (length >= 0 && length < 16) return 'no'
  const size = bytes.u16le(4)
  if (size >= 0 && (size < 4 || size > 64)) return 'no'
  if (size < 0 || bytes.length < 6 + size) return 'more'
  return names.test(bytes.text(6, 6 + size)) ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'variables of a request' }

export const uwsgi: Protocol = {
  name: 'uwsgi',
  title: 'uWSGI',
  category: 'middleware',
  transports: ['tcp'],
  begins: [0, 0x48],
  ports: { tcp: [3031] },
  classify: (flow) => agree(flow, look, found),
}
