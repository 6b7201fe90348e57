import { hislip } from '../../../classifier/protocols/hislip.ts'
import { conforms } from './conformance.ts'
import { latin1 } from './talk.ts'

conforms(
  hislip,
  [
    {
      name: 'a beginning',
      transport: 'tcp',
      port: 4880,
      said: [['client', latin1('HS\0\0\x01\0xx\0\0\0\0\0\0\0\x07hislip0')]],
      confidence: 85,
    },
  ],
  [{ name: 'a word', transport: 'tcp', port: 4880, said: [['client', 'HSUP ADBASE ADTIGR\n']] }]
)
