import { netbios } from '../../../classifier/protocols/netbios.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

/** RFC 1001 §14.1: `FRED` and spaces as letters, without a scope. */
const fred = `20 ${'EG FC EF EE'.replaceAll(/\w/g, (c) => c.charCodeAt(0).toString(16))} ${'4341'.repeat(12)} 00`
const names = '12 34 01 10 00 01 00 00 00 00 00 00'

conforms(
  netbios,
  [
    {
      name: 'a question for a name',
      transport: 'udp',
      port: 137,
      said: [['client', hex(`${names} ${fred} 00 20 00 01`)]],
      confidence: 95,
      metadata: { hostname: 'fred' },
    },
    {
      name: 'a datagram to a group',
      transport: 'udp',
      port: 138,
      clientPort: 138,
      said: [['client', hex(`11 02 00 01 c0000201 008a 0048 0000 ${fred} ${fred} 01020304`)]],
      metadata: { hostname: 'fred' },
    },
    {
      name: 'a session',
      transport: 'tcp',
      port: 139,
      said: [
        ['client', hex(`81 00 00 44 ${fred} ${fred}`)],
        ['server', hex('82 00 00 00')],
      ],
      confidence: 100,
      metadata: { hostname: 'fred' },
    },
  ],
  [
    {
      name: 'DNS',
      transport: 'udp',
      port: 137,
      said: [
        [
          'client',
          hex('1234 0100 0001 0000 0000 0000 03777777 076578616d706c65 03636f6d 00 0001 0001'),
        ],
      ],
    },
  ]
)
