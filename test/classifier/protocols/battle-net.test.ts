import { battleNet } from '../../../classifier/protocols/battle-net.ts'
import { conforms } from './conformance.ts'
import { hex, latin1 } from './talk.ts'

conforms(
  battleNet,
  [
    {
      name: 'the classic service',
      transport: 'tcp',
      port: 6112,
      said: [['client', latin1('\x01\xff\x50\x33\0\0\0\0\x0068XIPXES\0\0\0\0')]],
      application: 'blizzard',
    },
    {
      name: 'StarCraft II',
      transport: 'tcp',
      port: 1119,
      said: [['client', hex('4a00000a66020aed2d66 adc8e80a0000')]],
    },
  ],
  [
    {
      name: 'another platform',
      transport: 'tcp',
      port: 6112,
      said: [['client', latin1('\x01\xff\x50\x33\0\0\0\0\0ABCDPXES\0\0\0\0')]],
    },
  ]
)
