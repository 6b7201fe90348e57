import { kafka } from '../../../classifier/protocols/kafka.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const metadata = '00000016 0003 0004 00000001 0005 72646b6166 00000000 00'

conforms(
  kafka,
  [
    {
      name: 'a client that gives its name',
      transport: 'tcp',
      port: 9093,
      said: [
        ['client', hex(metadata.replace('00000016', '00000014'))],
        ['server', hex('0000000c 00000001 0000000000000000')],
      ],
      metadata: { clientId: 'rdkaf' },
    },
    {
      name: 'one without name',
      transport: 'tcp',
      port: 9092,
      said: [
        ['client', hex('0000000a 0012 0000 00000007 ffff')],
        ['server', hex('0000000c 00000007 0000000000000000')],
      ],
      confidence: 80,
    },
  ],
  [
    {
      name: 'an unknown key',
      transport: 'tcp',
      port: 9092,
      said: [['client', hex('00000014 0103 0004 00000001 0005 72646b6166 00000000 00')]],
    },
    {
      name: 'a number that is not answered',
      transport: 'tcp',
      port: 9092,
      said: [
        ['client', hex('0000000a 0012 0000 00000007 ffff')],
        ['server', hex('0000000c 00000008 0000000000000000')],
      ],
    },
  ]
)
