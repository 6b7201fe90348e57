import { chargen } from '../../../classifier/protocols/chargen.ts'
import { conforms } from './conformance.ts'

const row = Array.from({ length: 72 }, (_, i) => String.fromCharCode(33 + i)).join('')

conforms(
  chargen,
  [
    {
      name: 'a datagram that is answered',
      transport: 'udp',
      port: 19,
      said: [
        ['client', '\0'],
        ['server', `${row}\r\n`],
      ],
      confidence: 90,
    },
  ],
  [{ name: 'the same letter', transport: 'udp', port: 19, said: [['server', 'a'.repeat(72)]] }]
)
