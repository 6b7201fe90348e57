import { huaweiPush } from '../../../classifier/protocols/huawei-push.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  huaweiPush,
  [
    {
      name: 'a beginning',
      transport: 'tcp',
      port: 5223,
      said: [['client', hex(`16 0044 00 ${'aa'.repeat(64)}`)]],
      application: 'huawei-push',
    },
  ],
  [
    {
      name: 'TLS',
      transport: 'tcp',
      port: 5223,
      said: [['client', hex(`16 0301 00 44 01 00 00 40 ${'aa'.repeat(64)}`)]],
    },
  ]
)
