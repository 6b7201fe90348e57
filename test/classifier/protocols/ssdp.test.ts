import { ssdp } from '../../../classifier/protocols/ssdp.ts'
import { conforms } from './conformance.ts'

conforms(
  ssdp,
  [
    {
      name: 'a search and its answer',
      transport: 'udp',
      port: 1900,
      said: [
        [
          'client',
          'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nST: upnp:rootdevice\r\nUSER-AGENT: OS/1 UPnP/2.0 x/1\r\n\r\n',
        ],
      ],
      confidence: 90,
      metadata: { userAgent: 'OS/1 UPnP/2.0 x/1' },
    },
    {
      name: 'an answer alone',
      transport: 'udp',
      port: 50000,
      clientPort: 1900,
      said: [['client', 'HTTP/1.1 200 OK\r\nST: ssdp:all\r\nSERVER: Linux UPnP/1.0 hub/2\r\n\r\n']],
      metadata: { software: 'Linux UPnP/1.0 hub/2' },
    },
  ],
  [
    {
      name: 'another reply',
      transport: 'udp',
      port: 1900,
      said: [['client', 'HTTP/1.1 200 OK\r\n\r\n']],
    },
  ]
)
