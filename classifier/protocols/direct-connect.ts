import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * nmdc.sourceforge.io and adc.sourceforge.io:
 *
 *   NMDC: $Lock text Pk=text|      $MyNick name|       $SR ..., $Search ... over UDP
 *   ADC:  HSUP ADBASE ADTIGR LF    CSUP ADBASE ... LF  ISUP ADBASE ... LF
 */
const words = [
  '$Lock ',
  '$MyNick ',
  '$SR ',
  '$Search ',
  'HSUP AD',
  'CSUP AD',
  'ISUP AD',
  '$Supports ',
]

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if (words.some((word) => bytes.has(word))) return 'yes'
  return flow.transport === 'tcp' && words.some((word) => bytes.mayHave(word)) ? 'more' : 'no'
}

const found: Agreement = { evidence: 'its words' }

export const directConnect: Protocol = {
  name: 'direct-connect',
  title: 'Direct Connect',
  category: 'file-sharing',
  transports: ['tcp', 'udp'],
  begins: '$HCI',
  ports: { tcp: [411, 412], udp: [412] },
  classify: (flow) => agree(flow, look, found),
}
