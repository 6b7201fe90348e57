import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 3435 §3.2, text lines:
 *
 *   CRCX 1204 aaln/1@gw.example.net MGCP 1.0 [profile]
 *
 * and answers, §3.3: `200 1204 OK`.
 */
const command = /^(EPCF|CRCX|MDCX|DLCX|RQNT|NTFY|AUEP|AUCX|RSIP|MESG) (\d{1,9}) (\S+) MGCP 1\.0/i
const answer = /^[1-58]\d\d (\d{1,9})( |\r?\n)/
const ports = [2427, 2727]

function classify(flow: FlowView): Answer {
  const [first] = flow.datagrams
  if (first === undefined) return 'never'
  const octet = first.bytes.u8(0)
  if (octet < 0x31 || octet > 0x72) return 'never'
  const text = first.bytes.text(0, 300)
  const said = command.exec(text)
  if (said !== null) {
    const clientId = said[3] ?? ''
    return { confidence: 95, evidence: `command ${said[1]}`, metadata: { clientId } }
  }
  const isAnswer = answer.test(text) && ports.some((port) => flow.hasPort(port))
  return isAnswer ? { confidence: 80, evidence: 'answer on a port of MGCP' } : 'never'
}

export const mgcp: Protocol = {
  name: 'mgcp',
  title: 'MGCP',
  category: 'voip',
  transports: ['udp'],
  ports: { udp: ports },
  classify,
}
