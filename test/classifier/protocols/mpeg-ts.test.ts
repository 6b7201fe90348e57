import { mpegTs } from '../../../classifier/protocols/mpeg-ts.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const packet = `47 0100 17 ${'0f'.repeat(184)}`

conforms(
  mpegTs,
  [
    {
      name: 'seven packets',
      transport: 'udp',
      port: 1234,
      said: [['client', hex(packet.repeat(7))]],
      confidence: 90,
    },
  ],
  [{ name: 'another size', transport: 'udp', port: 1234, said: [['client', hex(`${packet}00`)]] }]
)
