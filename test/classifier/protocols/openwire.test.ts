import { openwire } from '../../../classifier/protocols/openwire.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  openwire,
  [
    {
      name: 'a broker that greets',
      transport: 'tcp',
      port: 61_617,
      said: [['server', hex('00000012 01 4163746976654d51 0000000c 01 00000000')]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'another name',
      transport: 'tcp',
      port: 61_616,
      said: [['server', hex('00000012 01 4163746976654d52 0000000c')]],
    },
  ]
)
