import { cassandra } from '../../../classifier/protocols/cassandra.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const start = '04 00 0001 01 00000016 0001 000b 43514c5f56455253494f4e 0005 332e302e30'

conforms(
  cassandra,
  [
    {
      name: 'node to node',
      transport: 'tcp',
      port: 7000,
      said: [['client', hex('ca552dfa 0c0a0c11 06 c0000201 1b58 01020304')]],
      confidence: 95,
    },
    {
      name: 'node to node before version 12',
      transport: 'tcp',
      port: 7000,
      said: [
        ['client', hex('ca552dfa 00000b04')],
        ['server', hex('0000000a')],
      ],
      confidence: 95,
    },
    {
      name: 'a start',
      transport: 'tcp',
      port: 9142,
      said: [
        ['client', hex(start)],
        ['server', hex('84 00 0001 02 00000000')],
      ],
      confidence: 100,
    },
    {
      name: 'what the server knows is asked for',
      transport: 'tcp',
      port: 9042,
      said: [
        ['client', hex('03 00 0000 05 00000000')],
        [
          'server',
          hex('83 00 0000 06 00000019 0001 000b 43514c5f56455253494f4e 0001 0005 332e342e35 00'),
        ],
      ],
      confidence: 100,
    },
  ],
  [
    {
      name: 'the magic of nodes before noise',
      transport: 'tcp',
      port: 7000,
      said: [['client', hex('ca552dfa a13bd70c 9e2201ff')]],
    },
    {
      name: 'small numbers',
      transport: 'tcp',
      port: 1000,
      said: [['client', hex('03 00 0000 05 00000000')]],
    },
    {
      name: 'TPKT',
      transport: 'tcp',
      port: 9042,
      said: [['client', hex('0300000b06e00000000000')]],
    },
  ]
)
