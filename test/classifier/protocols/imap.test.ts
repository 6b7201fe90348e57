import { imap } from '../../../classifier/protocols/imap.ts'
import { conforms } from './conformance.ts'
import { tlsHello } from './tls-hello.ts'

conforms(
  imap,
  [
    {
      name: 'a password in the clear',
      transport: 'tcp',
      port: 1430,
      said: [
        ['server', '* OK [CAPABILITY IMAP4rev1] ready\r\n'],
        ['client', 'a001 LOGIN "alice" secret\r\n'],
        ['server', 'a001 OK done\r\n'],
      ],
      confidence: 100,
      metadata: { userName: 'alice' },
      risks: ['clear-text-credentials'],
    },
    {
      name: 'STARTTLS',
      transport: 'tcp',
      port: 143,
      said: [
        ['server', '* OK IMAP4rev1 Service Ready\r\n'],
        ['client', '1 CAPABILITY\r\n'],
        ['server', '* CAPABILITY IMAP4rev1 STARTTLS\r\n1 OK\r\n'],
        ['client', '2 STARTTLS\r\n'],
        ['server', '2 OK begin\r\n'],
        ['client', tlsHello('imap.example.net')],
      ],
      metadata: { hostname: 'imap.example.net' },
      risks: [],
    },
    {
      name: 'a client alone',
      transport: 'tcp',
      port: 143,
      said: [['client', 'A1 CAPABILITY\r\n']],
      confidence: 90,
    },
  ],
  [
    { name: 'two words', transport: 'tcp', port: 143, said: [['client', 'please list\r\n']] },
    { name: 'HTTP', transport: 'tcp', port: 143, said: [['client', 'GET / HTTP/1.1\r\n\r\n']] },
  ]
)
