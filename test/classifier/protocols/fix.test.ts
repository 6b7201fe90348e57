import { fix } from '../../../classifier/protocols/fix.ts'
import { conforms } from './conformance.ts'

conforms(
  fix,
  [
    {
      name: 'a logon',
      transport: 'tcp',
      port: 9880,
      said: [['client', '8=FIXT.1.1\x019=62\x0135=A\x0149=SENDER\x01']],
      confidence: 90,
    },
  ],
  [
    {
      name: 'other fields',
      transport: 'tcp',
      port: 9880,
      said: [['client', '8=FIXT.1.1\x0134=62\x0135=A\x0149=SENDER\x01 and more of it']],
    },
  ]
)
