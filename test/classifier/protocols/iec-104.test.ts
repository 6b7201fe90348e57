import { iec104 } from '../../../classifier/protocols/iec-104.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  iec104,
  [
    {
      name: 'a start and its answer',
      transport: 'tcp',
      port: 2404,
      said: [
        ['client', hex('68 04 07 00 00 00')],
        ['server', hex('68 04 0b 00 00 00')],
        ['server', hex('68 0e 00 00 00 00 46 01 04 00 01 00 00 00 00 00')],
      ],
    },
  ],
  [
    {
      name: 'a function that is not',
      transport: 'tcp',
      port: 2404,
      said: [['client', hex('68 04 0f 00 00 00')]],
    },
  ]
)
