import { mysql } from '../../../classifier/protocols/mysql.ts'
import { conforms } from './conformance.ts'
import { hex, latin1 } from './talk.ts'
import { tlsHello } from './tls-hello.ts'

const packet = (number: number, body: readonly number[]): Uint8Array =>
  Uint8Array.from([body.length & 255, body.length >> 8, 0, number, ...body])
const zeros = (length: number): number[] => Array.from({ length }, () => 0)

const greeting = packet(0, [
  10,
  ...latin1('8.0.36\0'),
  ...hex('01000000 3132333435363738 00 ffff 21 0200 ffff 15'),
  ...zeros(10),
  ...latin1('abcdefghijkl\0mysql_native_password\0'),
])
const login = packet(1, [...hex('85a60f00 00000001 21'), ...zeros(23), ...latin1('alice\0'), 0])
const wantsTls = packet(1, [...hex('85ae0f00 00000001 21'), ...zeros(23)])

conforms(
  mysql,
  [
    {
      name: 'somebody who logs in',
      transport: 'tcp',
      port: 3307,
      said: [
        ['server', greeting],
        ['client', login],
      ],
      confidence: 100,
      metadata: { software: '8.0.36', userName: 'alice' },
    },
    {
      name: 'TLS',
      transport: 'tcp',
      port: 3306,
      said: [
        ['server', greeting],
        ['client', wantsTls],
        ['client', tlsHello('db.example.net')],
      ],
      metadata: { hostname: 'db.example.net' },
    },
    {
      name: 'a refusal',
      transport: 'tcp',
      port: 3306,
      said: [
        ['server', packet(0, [0xff, 0x6a, 0x04, ...latin1("Host '192.0.2.1' is not allowed")])],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'a greeting of another length',
      transport: 'tcp',
      port: 3306,
      said: [['server', hex('4a0000000a 382e30 00')]],
    },
    {
      name: 'a line',
      transport: 'tcp',
      port: 3306,
      said: [['server', '220 mx.example.net ESMTP\r\n']],
    },
  ]
)
