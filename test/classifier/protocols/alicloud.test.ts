import { alicloud } from '../../../classifier/protocols/alicloud.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  alicloud,
  [
    {
      name: 'a beginning',
      transport: 'tcp',
      port: 8999,
      said: [['client', hex('cefabeba 80000000')]],
      application: 'alibaba-cloud',
    },
  ],
  [
    {
      name: 'a class of Java',
      transport: 'tcp',
      port: 8999,
      said: [['client', hex('cafebabe 00000034')]],
    },
  ]
)
