import { ethernetGlobalData } from '../../../classifier/protocols/ethernet-global-data.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  ethernetGlobalData,
  [
    {
      name: 'data',
      transport: 'udp',
      port: 18246,
      clientPort: 18246,
      said: [['client', hex(`0d01 d4f0 c0a8084d 7b000000 be8a7e38 00811b2c ${'00'.repeat(39)}`)]],
      confidence: 85,
    },
  ],
  [
    {
      name: 'another version',
      transport: 'udp',
      port: 18246,
      said: [['client', hex(`0d02 d4f0 c0a8084d 7b000000 be8a7e38 00811b2c ${'00'.repeat(39)}`)]],
    },
  ]
)
