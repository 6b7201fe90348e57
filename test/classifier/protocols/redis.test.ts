import { redis } from '../../../classifier/protocols/redis.ts'
import { conforms } from './conformance.ts'

conforms(
  redis,
  [
    {
      name: 'a password in the clear',
      transport: 'tcp',
      port: 6380,
      said: [
        ['client', '*3\r\n$4\r\nAUTH\r\n$5\r\nalice\r\n$6\r\nsecret\r\n'],
        ['server', '+OK\r\n'],
      ],
      confidence: 80,
      metadata: { userName: 'alice' },
      risks: ['clear-text-credentials'],
    },
    {
      name: 'words in a line',
      transport: 'tcp',
      port: 6379,
      said: [
        ['client', 'PING\r\n'],
        ['server', '+PONG\r\n'],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'a list',
      transport: 'tcp',
      port: 6379,
      said: [['client', '* an item\r\n* another\r\n']],
    },
    {
      name: 'POP3',
      transport: 'tcp',
      port: 110,
      said: [
        ['client', 'AUTH PLAIN\r\n'],
        ['server', '+OK POP3 ready\r\n'],
      ],
    },
  ]
)
