import { dcerpc } from '../../../classifier/protocols/dcerpc.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  dcerpc,
  [
    {
      name: 'a bind',
      transport: 'tcp',
      port: 49_152,
      said: [
        ['client', hex('05 00 0b 03 10000000 4800 0000 01000000 d016 d016 00000000')],
        ['server', hex('05 00 0c 03 10000000 3c00 0000 01000000 d016 d016 00000000')],
      ],
      confidence: 90,
    },
    {
      name: 'a datagram',
      transport: 'udp',
      port: 34_964,
      said: [['client', hex(`04 00 20 00 10 00 00 00 ${'00'.repeat(66)} 0400 0000 0000 01020304`)]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'the first of Cassandra version 5',
      transport: 'tcp',
      port: 9042,
      said: [
        ['client', hex('05 00 0000 01 00000016 0001 000b 43514c5f56455253494f4e 0005 332e302e30')],
      ],
    },
    { name: 'SOCKS', transport: 'tcp', port: 1080, said: [['client', hex('05 01 00')]] },
    {
      name: 'another length',
      transport: 'udp',
      port: 34_964,
      said: [['client', hex(`04 00 20 00 10 00 00 00 ${'00'.repeat(66)} 0500 0000 0000 01020304`)]],
    },
  ]
)
