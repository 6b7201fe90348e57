import type { Bytes } from '../../model/bytes.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * SoftEther's servers keep a mapping by asking NAT traversal servers (github.com/SoftEtherVPN,
 * Cedar, "NAT-T"), one octet from the client, text back:
 *
 *   client: | A |          server: IP=192.0.2.1,PORT=40000
 */
const reply = /^IP=[0-9a-fA-F.:]+,PORT=\d{1,5}/

function classify(flow: FlowView): Answer {
  const { client, server } = flow
  const isAnswer = (bytes: Bytes): boolean => bytes.has('IP=') && reply.test(bytes.text(0, 80))
  const answer = flow.datagrams.find(({ bytes }) => isAnswer(bytes))
  if (answer !== undefined) {
    return {
      confidence: 90,
      evidence: 'answer of a NAT traversal server',
      application: 'softether',
    }
  }
  const isAsking = client.bytes.wireLength <= 1 && server.bytes.length === 0
  return isAsking && client.bytes.u8(0) === 0x41 ? 'more' : 'never'
}

export const softether: Protocol = {
  name: 'softether',
  title: 'SoftEther VPN',
  category: 'vpn',
  transports: ['udp'],
  ports: { udp: [5004] },
  classify,
}
