import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * Dropbox's LAN sync, broadcast from and to port 17500; JSON, its members in any order:
 *
 *   {"host_int": 413767116, "version": [1, 8], "displayname": "", "port": 17500, ...}
 */
const maxSearchedBytes = 400

function look(bytes: Bytes): Look {
  if (bytes.u8(0) !== 0x7b) return 'no'
  const end = Math.min(maxSearchedBytes, bytes.length)
  return bytes.find('"host_int": ', 1, end) > 0 && bytes.find('"version": [', 1, end) > 0
    ? 'yes'
    : 'no'
}

const found: Agreement = { evidence: 'announcement in JSON', application: 'dropbox' }

export const dropboxLanSync: Protocol = {
  name: 'dropbox-lan-sync',
  title: 'Dropbox LAN sync',
  category: 'discovery',
  transports: ['udp'],
  begins: '{',
  ports: { udp: [17500] },
  classify: (flow) => agree(flow, look, found),
}
