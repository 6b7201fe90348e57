import { tailscale } from '../../../classifier/protocols/tailscale.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  tailscale,
  [
    {
      name: 'a ping',
      transport: 'udp',
      port: 41641,
      said: [['client', hex(`5453f09f92ac ${'b6'.repeat(86)}`)]],
      application: 'tailscale',
    },
  ],
  [
    {
      name: 'the magic alone',
      transport: 'udp',
      port: 41641,
      said: [['client', hex('5453f09f92ac')]],
    },
  ]
)
