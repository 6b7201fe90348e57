import { telnet } from '../../../classifier/protocols/telnet.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  telnet,
  [
    {
      name: 'somebody who logs in',
      transport: 'tcp',
      port: 2323,
      said: [
        ['server', hex('fffd18 fffd20 fffd23 fffd27')],
        ['client', hex('fffb18 fffa1800 7874 65726d fff0')],
        ['server', 'Debian\r\nlogin: '],
        ['client', 'alice\r\n'],
        ['server', 'Password: '],
      ],
      confidence: 100,
      metadata: { userName: 'alice' },
      risks: ['clear-text-credentials'],
    },
    {
      name: 'a server alone',
      transport: 'tcp',
      port: 23,
      said: [['server', hex('fffb01')]],
      confidence: 90,
    },
  ],
  [
    { name: 'a picture', transport: 'tcp', port: 23, said: [['server', hex('ffd8ffe000104a46')]] },
    {
      name: 'an option that nobody gave',
      transport: 'tcp',
      port: 23,
      said: [['server', hex('fffbf0')]],
    },
  ]
)
