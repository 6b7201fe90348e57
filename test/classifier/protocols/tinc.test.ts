import { tinc } from '../../../classifier/protocols/tinc.ts'
import { conforms } from './conformance.ts'

conforms(
  tinc,
  [
    {
      name: 'both identify themselves',
      transport: 'tcp',
      port: 655,
      said: [
        ['client', '0 think 17\n'],
        ['server', '0 beta 17.7\n'],
      ],
    },
  ],
  [{ name: 'numbers', transport: 'tcp', port: 655, said: [['client', '0 1 2 3 4\n']] }]
)
