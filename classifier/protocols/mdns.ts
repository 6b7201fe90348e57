import { dnsMatch } from '../wire/dns-match.ts'
import { readDns } from '../wire/dns-message.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 6762: messages of DNS (../wire/dns-message.ts) from and to UDP port 5353, mostly to the
 * groups 224.0.0.251 and ff02::fb. Who answers may send records without a question.
 */
const port = 5353

function classify(flow: FlowView): Answer {
  if (!flow.hasPort(port)) return 'never'
  const messages = flow.datagrams.map(({ bytes }) => readDns(bytes, 'utf8'))
  const [first] = messages
  if (first === undefined) return 'never'
  const match = dnsMatch([first], flow.client.port === flow.server.port ? 95 : 90)
  return { ...match, more: false }
}

export const mdns: Protocol = {
  name: 'mdns',
  title: 'mDNS',
  category: 'naming',
  transports: ['udp'],
  onPorts: { udp: [port] },
  ports: { udp: [port] },
  classify,
}
