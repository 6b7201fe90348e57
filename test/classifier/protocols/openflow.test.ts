import { openflow } from '../../../classifier/protocols/openflow.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  openflow,
  [
    {
      name: 'both hellos',
      transport: 'tcp',
      port: 6653,
      said: [
        ['client', hex('04 00 0010 00000001 0001 0008 00000012')],
        ['server', hex('04 00 0008 00000001')],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'another type',
      transport: 'tcp',
      port: 6653,
      said: [['client', hex('04 02 0010 00000001 0001 0008 00000012')]],
    },
  ]
)
