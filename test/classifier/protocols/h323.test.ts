import { h323 } from '../../../classifier/protocols/h323.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const setup =
  '0300 0026 08 02 0001 05 04 03 8090a3 6c 05 0180 313031 70 04 81 323032 7e 0007 05 200600089 14a'

conforms(
  h323,
  [
    {
      name: 'media that are agreed on',
      transport: 'tcp',
      port: 1232,
      said: [['client', hex('0300 001c 0230 0106 00088175 0005 00801bc520401d00800000001bc5')]],
    },
    {
      name: 'a call',
      transport: 'tcp',
      port: 1721,
      said: [
        ['client', hex(setup)],
        ['server', hex('0300 000d 08 02 8001 02 7e 0001 05')],
      ],
      confidence: 90,
      metadata: { callFrom: '101', callTo: '202' },
    },
    {
      name: 'a gatekeeper that is looked for',
      transport: 'udp',
      port: 1719,
      said: [['client', hex('00 00 0001 06 0008914a0004 00 c0000201 06b7')]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'RDP',
      transport: 'tcp',
      port: 1720,
      said: [['client', hex('0300000b06e00000000000')]],
    },
    { name: 'zeros', transport: 'udp', port: 1719, said: [['client', new Uint8Array(20)]] },
  ]
)
