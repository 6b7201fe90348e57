import { memcached } from '../../../classifier/protocols/memcached.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  memcached,
  [
    {
      name: 'a value that is asked for',
      transport: 'tcp',
      port: 11_222,
      said: [
        ['client', 'get session:1\r\n'],
        ['server', 'VALUE session:1 0 3\r\nabc\r\nEND\r\n'],
      ],
      confidence: 100,
    },
    {
      name: 'a value that is stored',
      transport: 'tcp',
      port: 11_211,
      said: [['client', 'set a 0 900 3\r\nabc\r\n']],
      confidence: 85,
    },
    {
      name: 'binary',
      transport: 'tcp',
      port: 11_211,
      said: [['client', hex('80 00 0003 00 00 0000 00000003 00000000 0000000000000000 616263')]],
    },
    {
      name: 'UDP',
      transport: 'udp',
      port: 11_211,
      said: [['client', '\0\u0001\0\0\0\u0001\0\0stats\r\n']],
      confidence: 95,
    },
  ],
  [
    { name: 'a wish', transport: 'tcp', port: 11_211, said: [['client', 'get well soon\r\n']] },
    {
      name: 'a server that does not answer so',
      transport: 'tcp',
      port: 11_211,
      said: [
        ['client', 'version\r\n'],
        ['server', 'hello\r\n'],
      ],
    },
  ]
)
