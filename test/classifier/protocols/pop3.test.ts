import { pop3 } from '../../../classifier/protocols/pop3.ts'
import { conforms } from './conformance.ts'
import { tlsHello } from './tls-hello.ts'

conforms(
  pop3,
  [
    {
      name: 'a password in the clear',
      transport: 'tcp',
      port: 1110,
      said: [
        ['server', '+OK POP3 ready <1896.697170952@example.net>\r\n'],
        ['client', 'USER alice\r\n'],
        ['server', '+OK\r\n'],
        ['client', 'PASS secret\r\n'],
      ],
      confidence: 100,
      metadata: { userName: 'alice' },
      risks: ['clear-text-credentials'],
    },
    {
      name: 'STLS',
      transport: 'tcp',
      port: 110,
      said: [
        ['server', '+OK Dovecot ready.\r\n'],
        ['client', 'CAPA\r\n'],
        ['server', '+OK\r\nSTLS\r\n.\r\n'],
        ['client', 'STLS\r\n'],
        ['server', '+OK Begin TLS\r\n'],
        ['client', tlsHello('pop.example.net')],
      ],
      metadata: { hostname: 'pop.example.net' },
      risks: [],
    },
    {
      name: 'APOP',
      transport: 'tcp',
      port: 110,
      said: [
        ['server', '+OK <1896.697170952@example.net>\r\n'],
        ['client', 'APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n'],
      ],
      metadata: { userName: 'mrose' },
      risks: [],
    },
    {
      name: 'a server alone',
      transport: 'tcp',
      port: 110,
      said: [['server', '+OK POP3 server ready\r\n']],
      confidence: 70,
    },
  ],
  [
    {
      name: 'Redis',
      transport: 'tcp',
      port: 6379,
      said: [
        ['client', 'PING\r\n'],
        ['server', '+OK\r\n'],
      ],
    },
    { name: 'a server that is fine', transport: 'tcp', port: 9999, said: [['server', '+OK\r\n']] },
  ]
)
