import { wsDiscovery } from '../../../classifier/protocols/ws-discovery.ts'
import { conforms } from './conformance.ts'

conforms(
  wsDiscovery,
  [
    {
      name: 'a probe',
      transport: 'udp',
      port: 3702,
      said: [
        [
          'client',
          '<?xml version="1.0"?><soap:Envelope xmlns:wsd="http://schemas.xmlsoap.org/ws/2005/04/discovery"></soap:Envelope>',
        ],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'other XML',
      transport: 'udp',
      port: 3702,
      said: [['client', '<?xml version="1.0"?><html></html>']],
    },
  ]
)
