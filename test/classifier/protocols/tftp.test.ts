import { tftp } from '../../../classifier/protocols/tftp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const full = hex(`0003 0001 ${'55'.repeat(512)}`)

conforms(
  tftp,
  [
    {
      name: 'a question for a file, with options',
      transport: 'udp',
      port: 69,
      said: [['client', '\0\u0001boot/pxe.0\0octet\0blksize\u00001456\0']],
      confidence: 95,
      metadata: { fileName: 'boot/pxe.0' },
    },
    {
      name: 'data and what acknowledges it',
      transport: 'udp',
      port: 40_500,
      said: [
        ['server', full],
        ['client', hex('0004 0001')],
      ],
      confidence: 90,
    },
    {
      name: 'data one way',
      transport: 'udp',
      port: 40_500,
      said: [
        ['server', full],
        ['server', hex('0003 0002 5555')],
      ],
      confidence: 80,
    },
    {
      name: 'options taken',
      transport: 'udp',
      port: 40_500,
      said: [['server', '\0\u0006tsize\u00001024\0']],
    },
    {
      name: 'an error',
      transport: 'udp',
      port: 40_500,
      said: [['server', '\0\u0005\0\u0001no such file\0']],
      confidence: 70,
    },
  ],
  [
    {
      name: 'a file without mode',
      transport: 'udp',
      port: 69,
      said: [['client', '\0\u0001file\0']],
    },
    { name: 'one block', transport: 'udp', port: 40_500, said: [['server', full]] },
  ]
)
