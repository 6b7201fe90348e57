import { uwsgi } from '../../../classifier/protocols/uwsgi.ts'
import { conforms } from './conformance.ts'
import { latin1 } from './talk.ts'

conforms(
  uwsgi,
  [
    {
      name: 'a request',
      transport: 'tcp',
      port: 3031,
      said: [['client', latin1('\0\x15\0\0\x0e\0REQUEST_METHOD\x03\0GET')]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'another name',
      transport: 'tcp',
      port: 3031,
      said: [['client', latin1('\0\x15\0\0\x0e\0REQUEST_MITHOD\x03\0GET')]],
    },
  ]
)
