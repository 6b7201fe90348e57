import { checkMk } from '../../../classifier/protocols/check-mk.ts'
import { conforms } from './conformance.ts'

conforms(
  checkMk,
  [
    {
      name: 'the first section',
      transport: 'tcp',
      port: 6556,
      said: [['server', '<<<check_mk>>>\nVersion: 2.2.0\n']],
      confidence: 90,
    },
  ],
  [
    {
      name: 'a client that speaks',
      transport: 'tcp',
      port: 6556,
      said: [['client', '<<<check_mk>>>\n']],
    },
  ]
)
