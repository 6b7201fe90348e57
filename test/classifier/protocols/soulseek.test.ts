import { soulseek } from '../../../classifier/protocols/soulseek.ts'
import { conforms } from './conformance.ts'
import { latin1 } from './talk.ts'

conforms(
  soulseek,
  [
    {
      name: 'a login',
      transport: 'tcp',
      port: 2242,
      said: [
        [
          'client',
          latin1(
            '\x3d\0\0\0\x01\0\0\0\x03\0\0\0bob\x02\0\0\0pw\xa0\0\0\0\x20\0\0\0' +
              'ab'.repeat(16) +
              '\x11\0\0\0'
          ),
        ],
      ],
      metadata: { userName: 'bob' },
      risks: ['clear-text-credentials'],
    },
    {
      name: 'a peer',
      transport: 'tcp',
      port: 2234,
      said: [['client', latin1('\x11\0\0\0\x01\x03\0\0\0bob\x01\0\0\0P\0\0\0\0')]],
      metadata: { userName: 'bob' },
    },
  ],
  [
    {
      name: 'another kind',
      transport: 'tcp',
      port: 2234,
      said: [['client', latin1('\x11\0\0\0\x01\x03\0\0\0bob\x01\0\0\0Q\0\0\0\0')]],
    },
  ]
)
