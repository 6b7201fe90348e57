import { dlms } from '../../../classifier/protocols/dlms.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  dlms,
  [
    {
      name: 'HDLC',
      transport: 'tcp',
      port: 4060,
      said: [['client', hex('7e a007 03 21 93 0f01 7e')]],
      confidence: 90,
    },
    {
      name: 'an association',
      transport: 'tcp',
      port: 4059,
      said: [['client', hex('0001 0010 0001 0008 60 06 a1 04 06 02 6085')]],
    },
  ],
  [
    {
      name: 'a wrong CRC',
      transport: 'tcp',
      port: 4060,
      said: [['client', hex('7e a007 03 21 93 0f02 7e')]],
    },
  ]
)
