import { ldap } from '../../../classifier/protocols/ldap.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'
import { tlsHello } from './tls-hello.ts'

const bind = '3019 020101 6014 020103 0407 636e3d616c6963 8006 736563726574'
const startTls = '301d 020101 7718 8016 312e332e362e312e342e312e313436362e3230303337'

conforms(
  ldap,
  [
    {
      name: 'a password in the clear',
      transport: 'tcp',
      port: 3890,
      said: [
        ['client', hex(bind)],
        ['server', hex('300c 020101 6107 0a0100 0400 0400')],
      ],
      metadata: { userName: 'cn=alic', version: '3' },
      risks: ['clear-text-credentials'],
    },
    {
      name: 'TLS that is started',
      transport: 'tcp',
      port: 389,
      said: [
        ['client', hex(startTls)],
        ['server', hex('300c 020101 7807 0a0100 0400 0400')],
        ['client', tlsHello('ldap.example.net')],
      ],
      metadata: { hostname: 'ldap.example.net' },
    },
    {
      name: 'a domain controller that is looked for',
      transport: 'udp',
      port: 389,
      said: [
        [
          'client',
          hex(
            '3025 020101 6320 0400 0a0100 0a0100 020100 020100 010100 870b 6f626a656374436c617373 3000'
          ),
        ],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'SNMP',
      transport: 'udp',
      port: 389,
      said: [['client', hex('300c 020101 0406 7075626c6963 a000')]],
    },
    {
      name: 'a zero',
      transport: 'tcp',
      port: 389,
      said: [['client', hex('30303030303030303030')]],
    },
  ]
)
