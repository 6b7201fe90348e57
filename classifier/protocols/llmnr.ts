import { dnsMatch } from '../wire/dns-match.ts'
import { readDns } from '../wire/dns-message.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 4795 §2.1: messages as in DNS (../wire/dns-message.ts), some flags mean other things, to UDP
 * port 5355 of the groups 224.0.0.252 and ff02::1:3; one question each.
 */
const port = 5355

function classify(flow: FlowView): Answer {
  if (!flow.hasPort(port)) return 'never'
  const messages = flow.sides
    .filter(({ bytes }) => bytes.length > 0)
    .map(({ bytes }) => readDns(bytes))
  const known = messages.filter((message) => message?.questions === 1)
  if (known.length === 0 || known.length < messages.length) return 'never'
  const sure = known.filter((message) => message !== undefined)
  return { ...dnsMatch(sure, sure.length === 2 ? 100 : 90), more: false }
}

export const llmnr: Protocol = {
  name: 'llmnr',
  title: 'LLMNR',
  category: 'naming',
  transports: ['udp'],
  onPorts: { udp: [port] },
  ports: { udp: [port] },
  classify,
}
