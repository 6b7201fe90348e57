import { iscsi } from '../../../classifier/protocols/iscsi.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const text = Buffer.from('InitiatorName=iqn.1993-08.org.debian:01:abc\0').toString('hex')

conforms(
  iscsi,
  [
    {
      name: 'a login',
      transport: 'tcp',
      port: 3260,
      said: [['client', hex(`43 87 00 00 00 00002c ${'00'.repeat(40)} ${text}`)]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'no text',
      transport: 'tcp',
      port: 3260,
      said: [['client', hex(`43 87 00 00 00 00002c ${'00'.repeat(80)}`)]],
    },
  ]
)
