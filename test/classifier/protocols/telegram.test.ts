import { telegram } from '../../../classifier/protocols/telegram.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const request =
  '0000000000000000 0011223344556677 14000000 f18e7ebe 00112233445566778899aabbccddeeff'

conforms(
  telegram,
  [
    {
      name: 'the abridged transport',
      transport: 'tcp',
      port: 443,
      said: [['client', hex(`ef 0a ${request}`)]],
      confidence: 90,
      application: 'telegram',
    },
    {
      name: 'the intermediate transport',
      transport: 'tcp',
      port: 5222,
      said: [['client', hex(`eeeeeeee 28000000 ${request}`)]],
    },
    {
      name: 'a call through a relay',
      transport: 'udp',
      port: 521,
      said: [['client', hex(`${'dc'.repeat(16)} ${'ff'.repeat(12)} feffffff 28f946112601a2f0`)]],
    },
  ],
  [
    {
      name: 'ones',
      transport: 'udp',
      port: 521,
      said: [['client', hex(`${'dc'.repeat(16)} ${'ff'.repeat(11)}fe feffffff 28f946112601a2f0`)]],
    },
  ]
)
