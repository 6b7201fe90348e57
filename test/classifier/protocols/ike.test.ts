import { ike } from '../../../classifier/protocols/ike.ts'
import { conforms } from './conformance.ts'
import { hex, latin1 } from './talk.ts'

const spi = '05ac0f4d122013f4'
const none = '0000000000000000'
const body = '00000014' + '00'.repeat(16)

conforms(
  ike,
  [
    {
      name: 'IKE_SA_INIT and its answer',
      transport: 'udp',
      port: 500,
      clientPort: 500,
      said: [
        ['client', hex(spi + none + '21 20 22 08 00000000 00000030' + body)],
        ['server', hex(spi + none + '29 20 22 20 00000000 00000030' + body)],
      ],
      confidence: 90,
    },
    {
      name: 'version 1 behind a NAT',
      transport: 'udp',
      port: 4500,
      said: [['client', hex('00000000' + spi + spi + '05 10 02 01 00000000 00000030' + body)]],
    },
    {
      name: 'ESP alone',
      protocol: 'ipsec',
      transport: 'udp',
      port: 4500,
      said: [
        ['client', hex('c0ffee01 00000001' + 'a1'.repeat(64))],
        ['client', hex('c0ffee01 00000002' + 'b1'.repeat(64))],
      ],
      confidence: 75,
    },
    {
      name: 'TCP',
      transport: 'tcp',
      port: 4500,
      said: [['client', latin1('IKETCP\x00\x60')]],
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 500,
      said: [['client', hex(spi + none + '21 20 22 08 00000000 00000031' + body)]],
    },
  ]
)
