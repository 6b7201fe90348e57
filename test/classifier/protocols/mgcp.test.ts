import { mgcp } from '../../../classifier/protocols/mgcp.ts'
import { conforms } from './conformance.ts'

conforms(
  mgcp,
  [
    {
      name: 'a gateway that restarts',
      transport: 'udp',
      port: 2428,
      said: [['client', 'RSIP 1200 *@gw1.example.net MGCP 1.0\nRM: restart\n']],
      confidence: 95,
      metadata: { clientId: '*@gw1.example.net' },
    },
    {
      name: 'an answer',
      transport: 'udp',
      port: 2427,
      said: [['client', '200 1200 OK\r\n']],
      confidence: 80,
    },
  ],
  [
    {
      name: 'a reply of something else',
      transport: 'udp',
      port: 5000,
      said: [['client', '200 1200 OK\r\n']],
    },
  ]
)
