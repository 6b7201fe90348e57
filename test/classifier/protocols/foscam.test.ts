import { foscam } from '../../../classifier/protocols/foscam.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  foscam,
  [
    {
      name: 'cameras that are looked for',
      transport: 'udp',
      port: 10000,
      said: [['client', hex(`4d4f5f49 0000 00 ${'00'.repeat(8)} 04000000 04000000 00000001`)]],
      application: 'foscam',
    },
  ],
  [{ name: 'another word', transport: 'udp', port: 10000, said: [['client', 'MO_Z\0\0\0']] }]
)
