import { discord } from '../../../classifier/protocols/discord.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const zeros = '00'.repeat(62)

conforms(
  discord,
  [
    {
      name: 'a question',
      transport: 'udp',
      port: 50004,
      said: [
        ['client', hex('0001 0046 0000ace3 0000' + zeros + '0000')],
        ['server', hex('0002 0046 0000ace3 312e' + zeros + '9c40')],
      ],
      confidence: 90,
      application: 'discord',
    },
    {
      name: 'a ping',
      transport: 'udp',
      port: 50004,
      said: [['client', hex('1337cafe 0a000000')]],
    },
  ],
  [
    {
      name: 'another size',
      transport: 'udp',
      port: 50004,
      said: [['client', hex('0001 0046 0000ace3 0000' + zeros)]],
    },
  ]
)
