import { whatsapp } from '../../../classifier/protocols/whatsapp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  whatsapp,
  [
    {
      name: 'a client that knows its edge',
      transport: 'tcp',
      port: 5222,
      said: [
        ['client', hex('4544 0001 000004 08050802 5741 06 03 00002c 12 2a0a20 00')],
        ['server', hex('00014a 1ac702')],
      ],
      application: 'whatsapp',
    },
    {
      name: 'an old client',
      transport: 'tcp',
      port: 443,
      said: [['client', hex('5741 01 05 000017 f80501a59189fc0f')]],
    },
    {
      name: 'the first segment alone',
      transport: 'tcp',
      port: 5222,
      said: [['client', hex('45440001 000004 08')]],
      confidence: 70,
    },
  ],
  [
    { name: 'a word', transport: 'tcp', port: 5222, said: [['client', 'WAIT FOR ME']] },
    {
      name: 'routing information that begins with no number',
      transport: 'tcp',
      port: 5222,
      said: [['client', hex('45440001 000004 f1')]],
    },
  ]
)
