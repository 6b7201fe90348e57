import { rsh } from '../../../classifier/protocols/rsh.ts'
import { conforms } from './conformance.ts'

conforms(
  rsh,
  [
    {
      name: 'a command',
      transport: 'tcp',
      port: 514,
      said: [
        ['client', '1022\0alice\0bob\0uptime\0'],
        ['server', '\0'],
      ],
      metadata: { userName: 'alice' },
      risks: ['obsolete-protocol'],
    },
    {
      name: 'rlogin',
      transport: 'tcp',
      port: 5130,
      protocol: 'rlogin',
      said: [
        ['client', '\0alice\0bob\0xterm/38400\0'],
        ['server', '\0'],
      ],
      confidence: 100,
      metadata: { userName: 'bob' },
    },
    {
      name: 'rexec',
      transport: 'tcp',
      port: 512,
      protocol: 'rexec',
      said: [['client', '\0alice\0secret\0ls -l\0']],
      risks: ['clear-text-credentials'],
    },
  ],
  [
    {
      name: 'a line',
      transport: 'tcp',
      port: 514,
      said: [['client', '<13>Feb  5 17:32:18 a b: c\n']],
    },
  ]
)
