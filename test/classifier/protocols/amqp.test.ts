import { amqp } from '../../../classifier/protocols/amqp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  amqp,
  [
    {
      name: '0-9-1',
      transport: 'tcp',
      port: 5673,
      said: [
        ['client', hex('414d5150 00 00 09 01')],
        ['server', hex('01 0000 00000006 000a 000a 0009 ce')],
      ],
      metadata: { version: '0-9-1' },
    },
    {
      name: '1.0 with SASL',
      transport: 'tcp',
      port: 5672,
      said: [
        ['client', hex('414d5150 03 01 00 00')],
        ['server', hex('414d5150 03 01 00 00')],
      ],
      metadata: { version: '1.0.0' },
    },
    {
      name: 'a connection under way',
      transport: 'tcp',
      port: 5672,
      said: [['client', hex('08 0000 00000000 ce')]],
    },
  ],
  [
    {
      name: 'a frame without its end',
      transport: 'tcp',
      port: 5672,
      said: [['client', hex('08 0000 00000000 cf')]],
    },
    { name: 'a word', transport: 'tcp', port: 5672, said: [['client', 'AMQP is nice']] },
  ]
)
