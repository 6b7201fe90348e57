import { postgresql } from '../../../classifier/protocols/postgresql.ts'
import { conforms } from './conformance.ts'
import { hex, latin1 } from './talk.ts'
import { tlsHello } from './tls-hello.ts'

const words = latin1('user\0alice\0database\0shop\0application_name\0psql\0\0')
const start = Uint8Array.from([0, 0, 0, 8 + words.length, 0, 3, 0, 0, ...words])

conforms(
  postgresql,
  [
    {
      name: 'a password in the clear',
      transport: 'tcp',
      port: 5433,
      said: [
        ['client', start],
        ['server', hex('52 00000008 00000003')],
      ],
      confidence: 100,
      metadata: { userName: 'alice', software: 'psql' },
      risks: ['clear-text-credentials'],
    },
    {
      name: 'TLS',
      transport: 'tcp',
      port: 5432,
      said: [
        ['client', hex('00000008 04d2162f')],
        ['server', 'S'],
        ['client', tlsHello('db.example.net')],
      ],
      metadata: { hostname: 'db.example.net' },
    },
    {
      name: 'TLS that is refused',
      transport: 'tcp',
      port: 5432,
      said: [
        ['client', hex('00000008 04d2162f')],
        ['server', 'N'],
        ['client', start],
        ['server', hex('52 00000017 0000000a 534352414d2d5348412d323536 0000')],
      ],
      metadata: { userName: 'alice' },
      risks: [],
    },
  ],
  [
    {
      name: 'an SMB frame',
      transport: 'tcp',
      port: 5432,
      said: [['client', hex('00000054 ff534d4272')]],
    },
    { name: 'a line', transport: 'tcp', port: 5432, said: [['client', 'SELECT 1;\n']] },
  ]
)
