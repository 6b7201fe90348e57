import { tivoconnect } from '../../../classifier/protocols/tivoconnect.ts'
import { conforms } from './conformance.ts'

conforms(
  tivoconnect,
  [
    {
      name: 'a broadcast',
      transport: 'udp',
      port: 2190,
      clientPort: 2190,
      said: [['client', 'TiVoConnect=1\nmethod=broadcast\nplatform=tcd/Series3\nidentity=x\n']],
      metadata: { software: 'tcd/Series3' },
    },
  ],
  [{ name: 'another word', transport: 'udp', port: 2190, said: [['client', 'TiVoConnex=1\n']] }]
)
