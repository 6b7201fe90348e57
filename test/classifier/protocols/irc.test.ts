import { irc } from '../../../classifier/protocols/irc.ts'
import { conforms } from './conformance.ts'

conforms(
  irc,
  [
    {
      name: 'somebody who comes',
      transport: 'tcp',
      port: 7000,
      said: [
        ['server', ':irc.example.net NOTICE * :*** Looking up your hostname...\r\n'],
        ['client', 'PASS secret\r\nNICK alice\r\nUSER alice 0 * :Alice\r\n'],
        ['server', ':irc.example.net 001 alice :Welcome\r\n'],
      ],
      metadata: { userName: 'alice', hostname: 'irc.example.net' },
      risks: ['clear-text-credentials'],
    },
    {
      name: 'a client alone',
      transport: 'tcp',
      port: 6667,
      said: [['client', 'NICK bob\r\nUSER bob 0 * :Bob\r\n']],
      confidence: 90,
    },
  ],
  [
    {
      name: 'FTP',
      transport: 'tcp',
      port: 21,
      said: [
        ['client', 'USER alice\r\n'],
        ['server', '331 password\r\n'],
      ],
    },
    { name: 'a colon', transport: 'tcp', port: 6667, said: [['server', ': is a colon\r\n']] },
  ]
)
