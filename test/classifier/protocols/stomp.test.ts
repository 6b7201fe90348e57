import { stomp } from '../../../classifier/protocols/stomp.ts'
import { conforms } from './conformance.ts'

conforms(
  stomp,
  [
    {
      name: 'both sides',
      transport: 'tcp',
      port: 61_614,
      said: [
        [
          'client',
          'CONNECT\naccept-version:1.2\nhost:example.net\nlogin:alice\npasscode:secret\n\n\0',
        ],
        ['server', 'CONNECTED\nversion:1.2\nserver:ActiveMQ/5.15\n\n\0'],
      ],
      confidence: 100,
      metadata: { hostname: 'example.net', userName: 'alice', software: 'ActiveMQ/5.15' },
      risks: ['clear-text-credentials'],
    },
  ],
  [
    {
      name: 'a proxy',
      transport: 'tcp',
      port: 61_613,
      said: [['client', 'CONNECT example.net:443 HTTP/1.1\r\n\r\n']],
    },
  ]
)
