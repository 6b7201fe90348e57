import { minecraft } from '../../../classifier/protocols/minecraft.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  minecraft,
  [
    {
      name: 'a handshake',
      transport: 'tcp',
      port: 25565,
      said: [
        ['client', hex('15 00 fb05 0e 6d632e6578616d706c652e6f7267 63dd 02')],
        ['server', hex('26 00')],
      ],
      metadata: { hostname: 'mc.example.org' },
      application: 'minecraft',
    },
  ],
  [
    {
      name: 'another length',
      transport: 'tcp',
      port: 25565,
      said: [['client', hex('16 00 fb05 0e 6d632e6578616d706c652e6f7267 63dd 02 00')]],
    },
  ]
)
