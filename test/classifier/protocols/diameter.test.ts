import { diameter } from '../../../classifier/protocols/diameter.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const host = '00000108 40 00000e 6361 2e6578 61 0000'
const realm = '00000128 40 00000f 65782e6e657431 00'.replace('65782e6e657431', '6578616d2e6e6c')

conforms(
  diameter,
  [
    {
      name: 'capabilities that are exchanged',
      transport: 'tcp',
      port: 3869,
      said: [
        ['client', hex(`01 000034 80 000101 00000000 00000001 00000002 ${host} ${realm}`)],
        ['server', hex(`01 000034 00 000101 00000000 00000001 00000002 ${host} ${realm}`)],
      ],
      confidence: 90,
      metadata: { realm: 'exam.nl' },
    },
  ],
  [
    {
      name: 'a length that is odd',
      transport: 'tcp',
      port: 3868,
      said: [['client', hex(`01 000035 80 000101 ${'00'.repeat(30)}`)]],
    },
  ]
)
