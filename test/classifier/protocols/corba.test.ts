import { corba } from '../../../classifier/protocols/corba.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  corba,
  [
    {
      name: 'a request',
      transport: 'tcp',
      port: 2809,
      said: [['client', hex('47494f50 0102 00 00 00000004 00000003')]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'another version',
      transport: 'tcp',
      port: 2809,
      said: [['client', hex('47494f50 0902 00 00 00000004 00000003')]],
    },
  ]
)
