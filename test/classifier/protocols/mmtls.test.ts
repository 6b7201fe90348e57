import { mmtls } from '../../../classifier/protocols/mmtls.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  mmtls,
  [
    {
      name: 'a hello',
      transport: 'tcp',
      port: 8080,
      said: [
        ['client', hex('19 f103 00a1 0000009d01 04f1 0100')],
        ['server', hex('16 f103 007f 0000007b 02 04f1 c02b')],
      ],
      application: 'wechat',
    },
  ],
  [{ name: 'TLS', transport: 'tcp', port: 8080, said: [['client', hex('16 0301 00a1 0100009d')]] }]
)
