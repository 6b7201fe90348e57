import { xiaomiPush } from '../../../classifier/protocols/xiaomi-push.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  xiaomiPush,
  [
    {
      name: 'a connection',
      transport: 'tcp',
      port: 5222,
      said: [['client', hex('c2fe 0005 00000008 0002001600000018 1a0a7869')]],
      application: 'xiaomi',
    },
  ],
  [
    {
      name: 'another header',
      transport: 'tcp',
      port: 5222,
      said: [['client', hex('c2fe 1005 00000008 0002001600000018 1a0a7869')]],
    },
  ]
)
