import { nrpe } from '../../../classifier/protocols/nrpe.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  nrpe,
  [
    {
      name: 'a query',
      transport: 'tcp',
      port: 5666,
      said: [
        [
          'client',
          hex(
            `0002 0001 11223344 0000 ${Buffer.from('check_load').toString('hex')} ${'00'.repeat(1016)}`
          ),
        ],
      ],
      confidence: 80,
    },
  ],
  [
    {
      name: 'another version',
      transport: 'tcp',
      port: 5666,
      said: [['client', hex('0005 0001 11223344 0000 6368656b6b00')]],
    },
  ]
)
