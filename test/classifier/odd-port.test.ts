import { expect, test } from 'vitest'
import { withOddPort } from '../../classifier/odd-port.ts'
import { Classifier } from '../../classifier/classifier.ts'
import { protocols } from '../../classifier/protocols.ts'
import { Packet } from '../../model/packet.ts'

/** What a TCP connection to a port is found to be whose client says something. */
function riskOf(port: number, says: string): readonly string[] {
  let risks: readonly string[] = []
  const judge = withOddPort
  const classifier = new Classifier(
    protocols,
    { ended: ({ classification }) => (risks = classification?.risks ?? []) },
    { judge }
  )
  const packet = new Packet()
  packet.protocol = 6
  packet.source3 = 1
  packet.destination3 = 2
  packet.sourcePort = 50_000
  packet.destinationPort = port
  packet.tcpFlags = 24
  packet.timeUs = 1
  const octets = Buffer.from(says, 'latin1')
  packet.payload.set(octets, 0, octets.length, octets.length)
  packet.ipLength = 40 + octets.length
  classifier.take(packet)
  classifier.finish()
  return risks
}

const ssh = 'SSH-2.0-OpenSSH_9.9\r\n'
const http = 'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n'

test.each([
  ['SSH on its own port', 22, ssh, []],
  ['SSH where HTTPS is expected', 443, ssh, ['odd-port']],
  ['SSH on any other port', 2222, ssh, ['odd-port']],
  ['HTTP on a port of nobody, as many do', 8099, http, []],
  ['HTTP where DNS is expected', 53, http, ['odd-port']],
  ['something that nothing recognises', 443, 'hello there, world\n', []],
  ['nothing said on a port of somebody', 443, '', []],
] as const)('%s', (_, port, says, risks) => {
  expect(riskOf(port, says)).toEqual(risks)
})
