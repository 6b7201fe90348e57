import { edonkey } from '../../../classifier/protocols/edonkey.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  edonkey,
  [
    {
      name: 'a hello',
      transport: 'tcp',
      port: 4662,
      said: [
        ['client', hex(`e3 2e000000 01 10 ${'5a'.repeat(16)} c0000201 3612 ${'00'.repeat(22)}`)],
        ['server', hex(`e3 2d000000 4c ${'6b'.repeat(16)} c6336401 3612 ${'00'.repeat(22)}`)],
      ],
      confidence: 80,
    },
    {
      name: 'a search in Kad',
      transport: 'udp',
      port: 4672,
      said: [['client', hex(`e4 21 02 ${'5a'.repeat(32)}`)]],
      confidence: 80,
    },
  ],
  [
    {
      name: 'another size',
      transport: 'udp',
      port: 4672,
      said: [['client', hex(`e4 21 02 ${'5a'.repeat(33)}`)]],
    },
  ]
)
