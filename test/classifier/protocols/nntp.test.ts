import { nntp } from '../../../classifier/protocols/nntp.ts'
import { conforms } from './conformance.ts'

conforms(
  nntp,
  [
    {
      name: 'a reader that asks for help',
      transport: 'tcp',
      port: 1119,
      said: [
        ['server', '200 Leafnode NNTP Daemon\r\n'],
        ['client', 'HELP\r\n'],
      ],
    },
    {
      name: 'a reader that logs in',
      transport: 'tcp',
      port: 8119,
      said: [
        ['server', '200 news.example.net InterNetNews ready\r\n'],
        ['client', 'AUTHINFO USER alice\r\n'],
        ['server', '381 password\r\n'],
        ['client', 'AUTHINFO PASS secret\r\n'],
      ],
      confidence: 100,
      metadata: { userName: 'alice' },
      risks: ['clear-text-credentials'],
    },
    {
      name: 'a reader',
      transport: 'tcp',
      port: 119,
      said: [
        ['server', '201 no posting\r\n'],
        ['client', 'GROUP comp.lang.c\r\n'],
      ],
      confidence: 100,
    },
    {
      name: 'a client alone',
      transport: 'tcp',
      port: 119,
      said: [['client', 'MODE READER\r\n']],
      confidence: 90,
    },
  ],
  [{ name: 'a list', transport: 'tcp', port: 119, said: [['client', 'list of things\r\n']] }]
)
