import { kismet } from '../../../classifier/protocols/kismet.ts'
import { conforms } from './conformance.ts'

conforms(
  kismet,
  [
    {
      name: 'a greeting',
      transport: 'tcp',
      port: 2501,
      said: [['server', '*KISMET: 0.0.0 1144004381 \x01Kismet\x01\n']],
      confidence: 90,
    },
  ],
  [{ name: 'another word', transport: 'tcp', port: 2501, said: [['server', '*KISSED: 0.0.0\n']] }]
)
