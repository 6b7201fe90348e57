import { ajp } from '../../../classifier/protocols/ajp.ts'
import { conforms } from './conformance.ts'
import { latin1 } from './talk.ts'

conforms(
  ajp,
  [
    {
      name: 'a request',
      transport: 'tcp',
      port: 8009,
      said: [
        ['client', latin1('\x12\x34\0\x20\x02\x02\0\x08HTTP/1.1\0\0\x01/\0')],
        ['server', latin1('AB\0\x08\x04\0\xc8\0\x02OK\0')],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'another type',
      transport: 'tcp',
      port: 8009,
      said: [['client', latin1('\x12\x34\0\x20\x05\x02\0\x08HTTP')]],
    },
  ]
)
