import { canOverUdp } from '../../../classifier/protocols/can-over-udp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  canOverUdp,
  [
    {
      name: 'two frames',
      transport: 'udp',
      port: 11898,
      said: [['client', hex('49534f3131383938 01 02 6a12f109083b20d6700000ff7ffd1000')]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'another version',
      transport: 'udp',
      port: 11898,
      said: [['client', hex('49534f3131383938 07 02 6a12f109')]],
    },
  ]
)
