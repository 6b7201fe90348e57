import { zmtp } from '../../../classifier/protocols/zmtp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const greeting = hex(
  `ff 0000000000000000 7f 03 00 4e554c4c ${'00'.repeat(16)} 00 ${'00'.repeat(31)}`
)

conforms(
  zmtp,
  [
    {
      name: 'both sides',
      transport: 'tcp',
      port: 5555,
      said: [
        ['client', greeting],
        ['server', greeting],
      ],
      confidence: 90,
    },
    {
      name: 'the first octets',
      transport: 'tcp',
      port: 5555,
      said: [['client', hex('ff 0000000000000001 7f 03')]],
    },
  ],
  [
    {
      name: 'another mark',
      transport: 'tcp',
      port: 5555,
      said: [['client', hex('ff 0000000000000001 7e 03')]],
    },
  ]
)
