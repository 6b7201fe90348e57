import { lustre } from '../../../classifier/protocols/lustre.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  lustre,
  [
    {
      name: 'a connection',
      transport: 'tcp',
      port: 988,
      said: [['client', hex('0071ceac 01000000 8358a8c000000200')]],
      confidence: 85,
    },
  ],
  [
    {
      name: 'another magic',
      transport: 'tcp',
      port: 988,
      said: [['client', hex('0071cead 01000000 8358a8c000000200')]],
    },
  ]
)
