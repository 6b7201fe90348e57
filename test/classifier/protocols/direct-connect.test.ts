import { directConnect } from '../../../classifier/protocols/direct-connect.ts'
import { conforms } from './conformance.ts'

conforms(
  directConnect,
  [
    {
      name: 'a hub',
      transport: 'tcp',
      port: 411,
      said: [['server', '$Lock EXTENDEDPROTOCOLABCABCABC Pk=PtokaX|']],
      confidence: 90,
    },
    {
      name: 'ADC',
      transport: 'tcp',
      port: 1511,
      said: [['client', 'HSUP ADBASE ADTIGR\n']],
    },
  ],
  [{ name: 'another word', transport: 'tcp', port: 411, said: [['server', '$Lick me|']] }]
)
