import { rtcp } from '../../../classifier/protocols/rtcp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const sender = `80 c8 0006 11223344 ${'00'.repeat(20)}`
const description = '81 ca 0003 11223344 0103 616263 00 00 00'.replace('00 00 00', '000000')

conforms(
  rtcp,
  [
    {
      name: 'encrypted reports',
      transport: 'udp',
      port: 3478,
      said: [
        ['client', hex(`80c90001 734e7b28 80000005 ${'5a'.repeat(10)}`)],
        ['client', hex(`80c90001 734e7b28 ${'a5'.repeat(28)} 80000006 ${'5a'.repeat(10)}`)],
      ],
      confidence: 90,
    },
    {
      name: 'a report and its source',
      transport: 'udp',
      port: 30_001,
      said: [['client', hex(`${sender} ${description}`)]],
      confidence: 90,
    },
    {
      name: 'a report alone',
      transport: 'udp',
      port: 30_001,
      said: [['client', hex('80 c9 0001 11223344')]],
      confidence: 70,
    },
  ],
  [
    {
      name: 'a length that does not fit',
      transport: 'udp',
      port: 30_001,
      said: [['client', hex('80 c9 0002 11223344')]],
    },
    {
      name: 'a report too short for its sources',
      transport: 'udp',
      port: 30_001,
      said: [['client', hex('83 c9 0001 11223344')]],
    },
  ]
)
