import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { readHead } from '../wire/http-head.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * UPnP Device Architecture 2.0 §1, in each datagram the head of an HTTP message:
 *
 *   M-SEARCH * HTTP/1.1   or   NOTIFY * HTTP/1.1   or   HTTP/1.1 200 OK
 *   HOST: 239.255.255.250:1900, ST: what is searched, NT: what it is, USN: whose, LOCATION: where
 */
const requests = ['M-SEARCH * HTTP/1.', 'NOTIFY * HTTP/1.']
const fieldsOfReplies = ['st', 'nt', 'usn', 'location', 'al']

function look(bytes: Bytes): Look {
  if (requests.some((text) => bytes.has(text))) return 'yes'
  if (!bytes.has('HTTP/1.')) return 'no'
  const fields = readHead(bytes)?.fields
  return fieldsOfReplies.some((name) => fields?.get(name) !== undefined) ? 'yes' : 'no'
}

function metadataOf(bytes: Bytes): Metadata {
  const fields = readHead(bytes)?.fields
  const [userAgent, software] = [fields?.get('user-agent'), fields?.get('server')]
  const hostname = fields?.get('host')
  return {
    ...(hostname === undefined ? {} : { hostname: hostname.toLowerCase() }),
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(software === undefined ? {} : { software }),
  }
}

function classify(flow: FlowView): Answer {
  const answer = agree(flow, look, { evidence: 'head of an SSDP message' })
  if (typeof answer === 'string') return answer
  const metadata = Object.assign({}, ...flow.datagrams.map(({ bytes }) => metadataOf(bytes)))
  return { ...answer, metadata: metadata as Metadata }
}

export const ssdp: Protocol = {
  name: 'ssdp',
  title: 'SSDP',
  category: 'discovery',
  transports: ['udp'],
  begins: 'HMN',
  ports: { udp: [1900] },
  classify,
}
