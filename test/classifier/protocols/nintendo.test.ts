import { nintendo } from '../../../classifier/protocols/nintendo.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  nintendo,
  [
    {
      name: 'a packet between consoles',
      transport: 'udp',
      port: 49432,
      said: [['client', hex(`32ab9864 02 56 03cb ${'96'.repeat(52)}`)]],
      application: 'nintendo',
    },
  ],
  [
    {
      name: 'another magic',
      transport: 'udp',
      port: 49432,
      said: [['client', hex('32ab9865 02 56 03cb 96')]],
    },
  ]
)
