import { statsd } from '../../../classifier/protocols/statsd.ts'
import { conforms } from './conformance.ts'

conforms(
  statsd,
  [
    {
      name: 'two metrics',
      transport: 'udp',
      port: 8125,
      said: [['client', 'api.calls:1|c|@0.1\napi.time:320|ms']],
      confidence: 85,
    },
  ],
  [{ name: 'another type', transport: 'udp', port: 8125, said: [['client', 'api.calls:1|x']] }]
)
