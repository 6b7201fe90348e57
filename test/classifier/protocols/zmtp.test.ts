import { zmtp } from '../../../classifier/protocols/zmtp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const greeting = `ff 0000000000000001 7f 03 00 ${Buffer.from('NULL').toString('hex')} ${'00'.repeat(48)}`

conforms(
  zmtp,
  [
    {
      name: 'both greet',
      transport: 'tcp',
      port: 5555,
      said: [
        ['client', hex(greeting)],
        ['server', hex(greeting)],
      ],
      confidence: 85,
    },
  ],
  [
    {
      name: 'another mechanism',
      transport: 'tcp',
      port: 5555,
      said: [['client', hex('ff 0000000000000001 7f 03 00 5858585800')]],
    },
  ]
)
