import { radius } from '../../../classifier/protocols/radius.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const user = '01 0a 616c696365406578'
const password = `02 12 ${'22'.repeat(16)}`
const authenticator = '11'.repeat(16)

conforms(
  radius,
  [
    {
      name: 'damaged attributes at its port',
      transport: 'udp',
      port: 1812,
      said: [['client', hex(`01 2a 0018 ${authenticator} 01 07 61 62`)]],
      confidence: 80,
    },
    {
      name: 'somebody who logs in',
      transport: 'udp',
      port: 18_120,
      said: [['client', hex(`01 2a 0036 ${authenticator} ${user} ${password} 0506 00000001`)]],
      confidence: 80,
      metadata: { userName: 'alice@ex', realm: 'ex' },
    },
    {
      name: 'question and answer',
      transport: 'udp',
      port: 18_120,
      said: [
        ['client', hex(`01 2a 0030 ${authenticator} ${user} ${password}`)],
        ['server', hex(`03 2a 0014 ${authenticator}`)],
      ],
      confidence: 90,
    },
    {
      name: 'one without attributes',
      transport: 'udp',
      port: 1812,
      said: [['server', hex(`02 01 0014 ${authenticator}`)]],
    },
  ],
  [
    {
      name: 'attributes that do not fill it',
      transport: 'udp',
      port: 1822,
      said: [['client', hex(`01 2a 0018 ${authenticator} 01 07 61 62`)]],
    },
    {
      name: 'an unknown code',
      transport: 'udp',
      port: 1812,
      said: [['client', hex(`63 2a 0014 ${authenticator}`)]],
    },
  ]
)
