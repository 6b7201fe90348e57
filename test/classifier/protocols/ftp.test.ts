import { ftp } from '../../../classifier/protocols/ftp.ts'
import { conforms } from './conformance.ts'
import { tlsHello } from './tls-hello.ts'

conforms(
  ftp,
  [
    {
      name: 'a password in the clear',
      transport: 'tcp',
      port: 2121,
      said: [
        ['server', '220 (vsFTPd 3.0.3)\r\n'],
        ['client', 'USER alice\r\n'],
        ['server', '331 Please specify the password.\r\n'],
        ['client', 'PASS secret\r\n'],
        ['server', '230 Login successful.\r\n'],
      ],
      confidence: 100,
      metadata: { userName: 'alice', software: '(vsFTPd 3.0.3)' },
      risks: ['clear-text-credentials'],
    },
    {
      name: 'somebody whom nobody knows',
      transport: 'tcp',
      port: 21,
      said: [
        ['server', '220-Welcome\r\n220 to the archive\r\n'],
        ['client', 'USER anonymous\r\n'],
        ['server', '331 ok\r\n'],
        ['client', 'PASS guest@\r\n'],
      ],
      risks: [],
    },
    {
      name: 'AUTH TLS',
      transport: 'tcp',
      port: 21,
      said: [
        ['server', '220 ready\r\n'],
        ['client', 'AUTH TLS\r\n'],
        ['server', '234 go on\r\n'],
        ['client', tlsHello('ftp.example.net')],
      ],
      metadata: { hostname: 'ftp.example.net' },
    },
    {
      name: 'a server alone',
      transport: 'tcp',
      port: 2121,
      said: [['server', '220 ProFTPD Server ready.\r\n']],
      confidence: 90,
    },
  ],
  [
    {
      name: 'SMTP',
      transport: 'tcp',
      port: 25,
      said: [
        ['server', '220 mx.example.net ESMTP\r\n'],
        ['client', 'EHLO x\r\n'],
      ],
    },
    {
      name: 'IRC',
      transport: 'tcp',
      port: 6667,
      said: [
        ['client', 'USER alice 0 * :Alice\r\n'],
        ['server', ':irc.example.net NOTICE * :hello\r\n'],
      ],
    },
  ]
)
