import { tacacs } from '../../../classifier/protocols/tacacs.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const body = '0102030405060708'

conforms(
  tacacs,
  [
    {
      name: 'both sides',
      transport: 'tcp',
      port: 4949,
      said: [
        ['client', hex(`c0 01 01 00 deadbeef 00000008 ${body}`)],
        ['server', hex(`c0 01 02 00 deadbeef 00000008 ${body}`)],
      ],
      risks: [],
    },
    {
      name: 'in the clear',
      transport: 'tcp',
      port: 49,
      said: [['client', hex(`c1 01 01 01 deadbeef 00000008 ${body}`)]],
      risks: ['clear-text-credentials'],
    },
  ],
  [
    {
      name: 'an unknown type',
      transport: 'tcp',
      port: 49,
      said: [['client', hex(`c0 07 01 00 deadbeef 00000008 ${body}`)]],
    },
  ]
)
