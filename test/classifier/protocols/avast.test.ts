import { avast } from '../../../classifier/protocols/avast.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  avast,
  [
    {
      name: 'a question',
      transport: 'tcp',
      port: 80,
      said: [['client', hex('4e4f5341 0010 0101 000003010 8b25a29'.replaceAll(' ', ''))]],
      application: 'avast',
    },
  ],
  [
    {
      name: 'another length',
      transport: 'tcp',
      port: 80,
      said: [['client', hex('4e4f5341 0012 0101 00000301 08b25a29 0000 4e4f')]],
    },
    { name: 'another word', transport: 'tcp', port: 80, said: [['client', 'NOSE\0\x60']] },
  ]
)
