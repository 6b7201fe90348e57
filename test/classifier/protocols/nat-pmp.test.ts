import { natPmp } from '../../../classifier/protocols/nat-pmp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  natPmp,
  [
    {
      name: 'the outer address',
      transport: 'udp',
      port: 5351,
      said: [
        ['client', hex('00 00')],
        ['server', hex('00 80 0000 00001234 cb007107')],
      ],
      confidence: 90,
    },
    {
      name: 'PCP',
      protocol: 'pcp',
      transport: 'udp',
      port: 5351,
      said: [['client', hex(`02 00 0000 00000000 ${'00'.repeat(10)} ffff c0000201`)]],
    },
  ],
  [{ name: 'another size', transport: 'udp', port: 5351, said: [['client', hex('00 00 00')]] }]
)
