import { proxyProtocol } from '../../../classifier/protocols/proxy-protocol.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  proxyProtocol,
  [
    {
      name: 'version 1',
      transport: 'tcp',
      port: 443,
      said: [['client', 'PROXY TCP4 192.0.2.1 198.51.100.2 40000 443\r\nGET / HTTP/1.1\r\n\r\n']],
      metadata: { version: '1' },
    },
    {
      name: 'version 2',
      transport: 'tcp',
      port: 443,
      said: [['client', hex('0d0a0d0a000d0a515549540a 21 11 000c c0000201 c6336402 9c40 01bb')]],
      metadata: { version: '2' },
    },
  ],
  [{ name: 'another word', transport: 'tcp', port: 443, said: [['client', 'PROXY SERVER\r\n']] }]
)
