import { dnp3 } from '../../../classifier/protocols/dnp3.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  dnp3,
  [
    {
      name: 'the state of a link that is asked for',
      transport: 'tcp',
      port: 20000,
      said: [['client', hex('0564 05 c0 0100 0004 e921')]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'a wrong CRC',
      transport: 'tcp',
      port: 20000,
      said: [['client', hex('0564 05 c0 0100 0004 e922')]],
    },
    {
      name: 'no CRC at all, which IEEE 1815 knows nowhere',
      transport: 'tcp',
      port: 20000,
      said: [['client', hex('0564 05 c0 0100 0004 0000')]],
    },
  ]
)
