import { cotp } from '../../../classifier/protocols/cotp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const connect = '0300 0016 11 e0 0000 0001 00 c1 02 0100 c2 02 0102 c0 01 0a'
const confirm = '0300 0016 11 d0 0001 0001 00 c1 02 0100 c2 02 0102 c0 01 0a'

conforms(
  cotp,
  [
    {
      name: 'S7comm',
      protocol: 's7comm',
      transport: 'tcp',
      port: 102,
      said: [
        ['client', hex(connect)],
        ['server', hex(confirm)],
        ['client', hex('0300 0019 02 f0 80 32 01 0000 0000 0008 0000 f0 00 0001 0001 01e0')],
      ],
    },
    {
      name: 'S7comm-plus by its name',
      protocol: 's7comm-plus',
      transport: 'tcp',
      port: 102,
      said: [
        [
          'client',
          hex(
            `0300 0024 1f e0 0000 0112 00 c1 02 0620 c2 10 ${Buffer.from('SIMATIC-ROOT-HMI').toString('hex')} c0 01 0a`
          ),
        ],
      ],
    },
    {
      name: 'MMS',
      protocol: 'mms',
      transport: 'tcp',
      port: 102,
      said: [
        ['client', hex(connect)],
        ['server', hex(confirm)],
        ['client', hex('0300 0012 02 f0 80 0d 09 06 05 28ca220201 0000')],
      ],
    },
    {
      name: 'a connection alone',
      transport: 'tcp',
      port: 102,
      said: [['client', hex(connect)]],
      confidence: 85,
    },
  ],
  [
    {
      name: 'a remote desktop',
      transport: 'tcp',
      port: 3389,
      said: [['client', hex('0300 0013 0e e0 0000 0000 00 01 00 0800 0b000000')]],
    },
  ]
)
