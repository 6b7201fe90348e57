import type { Bytes } from '../../model/bytes.ts'
import type { Look } from '../wire/look.ts'
import { lookAtLine, oneOf } from '../wire/text-lines.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 959 §3.2: what is sent over a data connection has no frame. A listing is told by its lines,
 * those of `ls -l`, of Windows, or of MLSD (RFC 3659 §7):
 *
 *   drwxr-xr-x   2 owner group     4096 Jan 01 12:00 name
 *   01-31-24  09:15AM       <DIR>          name
 *   type=file;size=17;modify=20240131091500; name
 *
 * Any other content is told by the server's port 20 alone, from which active transfers come.
 */
const listing = oneOf(
  [
    String.raw`total \d+|[-dlbcps]([r-][w-][xsStT-]){3}[.+@]? +\d+ +\S.*`,
    String.raw`\d\d-\d\d-\d\d(\d\d)? +\d\d:\d\d([AP]M)? +(<DIR>|\d+) .*|([a-z.]+=[^;]*;){2,} .+`,
  ],
  '$'
)

const dataPort = 20

function look(bytes: Bytes): Look {
  const first = bytes.u8(0)
  const mayBegin = first === 0x2d || (first >= 0x30 && first <= 0x7a)
  return mayBegin ? lookAtLine(bytes, listing) : 'no'
}

function classify(flow: FlowView): Answer {
  const [client, server] = flow.sides
  // Data goes one way.
  if (client.bytes.length > 0 && server.bytes.length > 0) return 'never'
  const { bytes } = client.bytes.length > 0 ? client : server
  const found = look(bytes)
  if (found === 'yes') {
    const isUsual = flow.hasPort(dataPort)
    return isUsual || flow.isLast
      ? { confidence: isUsual ? 90 : 70, evidence: 'listing of a directory' }
      : 'more'
  }
  // The server opens an active transfer.
  const isUsual = flow.isOpenerKnown ? client.port === dataPort : flow.hasPort(dataPort)
  if (!isUsual) return found === 'more' ? 'more' : 'never'
  return flow.isLast ? { confidence: 50, evidence: 'data one way at port 20' } : 'more'
}

export const ftpData: Protocol = {
  name: 'ftp-data',
  title: 'FTP data',
  category: 'file',
  transports: ['tcp'],
  ports: { tcp: [20] },
  classify,
}
