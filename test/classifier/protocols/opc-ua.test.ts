import { opcUa } from '../../../classifier/protocols/opc-ua.ts'
import { conforms } from './conformance.ts'
import { latin1 } from './talk.ts'

conforms(
  opcUa,
  [
    {
      name: 'a hello and its answer',
      transport: 'tcp',
      port: 4840,
      said: [
        [
          'client',
          latin1('HELF\x3b\0\0\0' + '\0'.repeat(20) + '\x1b\0\0\0opc.tcp://plc.example:4840/'),
        ],
        ['server', latin1('ACKF\x1c\0\0\0' + '\0'.repeat(20))],
      ],
      metadata: { hostname: 'plc.example' },
    },
  ],
  [{ name: 'a word', transport: 'tcp', port: 4840, said: [['client', 'HELFER BEFEHLEN']] }]
)
