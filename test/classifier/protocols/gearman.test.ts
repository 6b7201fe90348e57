import { gearman } from '../../../classifier/protocols/gearman.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  gearman,
  [
    {
      name: 'a worker',
      transport: 'tcp',
      port: 4730,
      said: [['client', hex('00524551 00000001 00000002 7763')]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'another type',
      transport: 'tcp',
      port: 4730,
      said: [['client', hex('00524551 00000101 00000002 7763')]],
    },
  ]
)
