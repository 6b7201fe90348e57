import { atg } from '../../../classifier/protocols/atg.ts'
import { conforms } from './conformance.ts'

conforms(
  atg,
  [
    {
      name: 'an inventory that is asked for',
      transport: 'tcp',
      port: 10001,
      said: [['client', '\x01I20100\r\n']],
      confidence: 90,
    },
  ],
  [{ name: 'letters', transport: 'tcp', port: 10001, said: [['client', '\x01INABCDE\r\n']] }]
)
