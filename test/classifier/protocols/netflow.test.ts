import { netflow } from '../../../classifier/protocols/netflow.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  netflow,
  [
    {
      name: 'version 9',
      transport: 'udp',
      port: 2055,
      said: [
        [
          'client',
          hex(
            '0009 0001 244e08ee 5d67a80c 166fa688 00000001 0000 0010 0100 0002 0008 0004 000c 0004'
              .replace('0010', '0014')
              .replace('000c 0004', '000c 0004 0000 0000')
              .replace('0014', '0014')
          ),
        ],
      ],
      metadata: { version: '9' },
    },
    {
      name: 'IPFIX',
      protocol: 'ipfix',
      transport: 'udp',
      port: 4739,
      said: [['client', hex('000a 0018 5d67a80c 00000001 00000001 0100 0008 c0000201')]],
    },
    {
      name: 'version 5',
      transport: 'udp',
      port: 9995,
      said: [
        [
          'client',
          hex(`0005 0001 00001000 5d67a80c 00000000 00000001 0000 0000 ${'01'.repeat(48)}`),
        ],
      ],
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 4739,
      said: [['client', hex('000a 0019 5d67a80c 00000001 00000001 0100 0008 c0000201')]],
    },
  ]
)
