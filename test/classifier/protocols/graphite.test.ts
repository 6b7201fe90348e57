import { graphite } from '../../../classifier/protocols/graphite.ts'
import { conforms } from './conformance.ts'

conforms(
  graphite,
  [
    {
      name: 'a value',
      transport: 'tcp',
      port: 2003,
      said: [['client', 'servers.web1.load 0.42 1700000000\n']],
      confidence: 80,
    },
  ],
  [
    {
      name: 'no time',
      transport: 'tcp',
      port: 2003,
      said: [['client', 'servers.web1.load 0.42 soon\n']],
    },
  ]
)
