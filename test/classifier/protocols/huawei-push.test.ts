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
      said: [
        ['client', hex(`16 0044 00 ${'aa'.repeat(64)}`)],
        ['server', hex(`17 0024 00 ${'bb'.repeat(32)}`)],
      ],
      confidence: 100,
      application: 'huawei-push',
    },
  ],
  [
    {
      name: 'more than its length',
      transport: 'tcp',
      port: 5223,
      said: [['client', hex(`16 0044 00 ${'aa'.repeat(80)}`)]],
    },
    {
      name: 'another answer',
      transport: 'tcp',
      port: 5223,
      said: [
        ['client', hex(`16 0044 00 ${'aa'.repeat(64)}`)],
        ['server', hex(`16 0024 00 ${'bb'.repeat(32)}`)],
      ],
    },
    {
      name: 'TLS',
      transport: 'tcp',
      port: 5223,
      said: [['client', hex(`16 0301 00 44 01 00 00 40 ${'aa'.repeat(64)}`)]],
    },
  ]
)
