import { x11 } from '../../../classifier/protocols/x11.ts'
import { conforms } from './conformance.ts'
import { hex, latin1 } from './talk.ts'

const cookie = [...latin1('MIT-MAGIC-COOKIE-1'), 0, 0, ...Array.from({ length: 16 }, (_, i) => i)]

conforms(
  x11,
  [
    {
      name: 'little endian with a cookie',
      transport: 'tcp',
      port: 6099,
      said: [
        ['client', Uint8Array.from([...hex('6c00 0b00 0000 1200 1000 0000'), ...cookie])],
        ['server', hex('01 00 0b00 0000 2f00 00000000')],
      ],
      confidence: 90,
    },
    {
      name: 'big endian',
      transport: 'tcp',
      port: 6000,
      said: [['client', hex('4200 000b 0000 0000 0000 0000')]],
    },
  ],
  [
    {
      name: 'a line',
      transport: 'tcp',
      port: 6000,
      said: [['client', 'list all\r\nlist more\r\n']],
    },
    {
      name: 'a server of another kind',
      transport: 'tcp',
      port: 6000,
      said: [
        ['server', 'hello'],
        ['client', hex('4200 000b 0000 0000 0000 0000')],
      ],
    },
  ]
)
