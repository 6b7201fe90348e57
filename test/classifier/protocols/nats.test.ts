import { nats } from '../../../classifier/protocols/nats.ts'
import { conforms } from './conformance.ts'

conforms(
  nats,
  [
    {
      name: 'both sides',
      transport: 'tcp',
      port: 4223,
      said: [
        ['server', 'INFO {"server_id":"N1","version":"2.10.7","max_payload":1048576}\r\n'],
        ['client', 'CONNECT {"verbose":false,"user":"alice","pass":"secret"}\r\nPING\r\n'],
      ],
      confidence: 100,
      metadata: { software: 'NATS 2.10.7', userName: 'alice' },
      risks: ['clear-text-credentials'],
    },
  ],
  [
    {
      name: 'a proxy',
      transport: 'tcp',
      port: 4222,
      said: [['client', 'CONNECT example.net:443 HTTP/1.1\r\n\r\n']],
    },
    { name: 'news', transport: 'tcp', port: 4222, said: [['server', 'INFO {"news":1}\r\n']] },
  ]
)
