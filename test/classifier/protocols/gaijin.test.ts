import { gaijin } from '../../../classifier/protocols/gaijin.ts'
import { conforms } from './conformance.ts'

conforms(
  gaijin,
  [
    {
      name: 'a report',
      transport: 'udp',
      port: 20011,
      said: [['client', 'app.start,env=production,circuit=production,version=2.3 1']],
      application: 'gaijin',
    },
  ],
  [
    {
      name: 'another text',
      transport: 'udp',
      port: 20011,
      said: [['client', 'app.start,mode=production,circuit=production']],
    },
  ]
)
