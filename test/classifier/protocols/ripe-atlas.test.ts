import { ripeAtlas } from '../../../classifier/protocols/ripe-atlas.ts'
import { conforms } from './conformance.ts'

conforms(
  ripeAtlas,
  [
    {
      name: 'a probe',
      transport: 'udp',
      port: 29195,
      said: [['client', 'MGLNDD_192.0.2.1_29195']],
      confidence: 90,
    },
  ],
  [
    {
      name: 'another word',
      transport: 'udp',
      port: 29195,
      said: [['client', 'MGLNDX_192.0.2.1_29195']],
    },
  ]
)
