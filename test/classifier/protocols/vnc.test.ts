import { vnc } from '../../../classifier/protocols/vnc.ts'
import { conforms } from './conformance.ts'

conforms(
  vnc,
  [
    {
      name: 'both sides',
      transport: 'tcp',
      port: 5999,
      said: [
        ['server', 'RFB 003.889\n'],
        ['client', 'RFB 003.003\n'],
      ],
      confidence: 100,
      metadata: { version: '003.003' },
    },
    {
      name: 'a server alone',
      transport: 'tcp',
      port: 5900,
      said: [['server', 'RFB 003.008\n']],
      confidence: 90,
    },
  ],
  [{ name: 'a word', transport: 'tcp', port: 5900, said: [['server', 'RFB 0003 is good\n']] }]
)
