import { hl7 } from '../../../classifier/protocols/hl7.ts'
import { conforms } from './conformance.ts'

conforms(
  hl7,
  [
    {
      name: 'a message',
      transport: 'tcp',
      port: 2575,
      said: [['client', '\x0bMSH|^~\\&|LAB|GH|EHR|GH|20240101||ORU^R01|1|P|2.5\r\x1c\r']],
      confidence: 90,
    },
  ],
  [
    {
      name: 'another segment',
      transport: 'tcp',
      port: 2575,
      said: [['client', '\x0bPID|^~\\&|LAB\r']],
    },
  ]
)
