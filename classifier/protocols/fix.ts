import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * FIX (fixtrading.org, "FIX session layer"), fields that each end in SOH (01):
 *
 *   8=FIX.4.4 | 9=length | 35=type | 49=sender | 56=target | ... | 10=checksum
 */
const separator = String.fromCodePoint(1)
const header = /^8=FIX(T\.1\.1|\.[45]\.\d(SP\d)?)\|9=\d{1,7}\|35=\w/
const longest = 40

function look(bytes: Bytes): Look {
  if (!bytes.mayHave('8=FIX')) return 'no'
  if (header.test(bytes.text(0, longest).replaceAll(separator, '|'))) return 'yes'
  return bytes.length < longest ? 'more' : 'no'
}

const found: Agreement = { evidence: 'fields 8, 9 and 35' }

export const fix: Protocol = {
  name: 'fix',
  title: 'FIX',
  category: 'middleware',
  transports: ['tcp'],
  begins: '8',
  classify: (flow) => agree(flow, look, found),
}
