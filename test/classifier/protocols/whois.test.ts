import { whois } from '../../../classifier/protocols/whois.ts'
import { conforms } from './conformance.ts'

conforms(
  whois,
  [
    {
      name: 'a question',
      transport: 'tcp',
      port: 43,
      said: [
        ['client', 'example.com\r\n'],
        ['server', '% IANA WHOIS server\r\n'],
      ],
      confidence: 80,
    },
  ],
  [{ name: 'two lines', transport: 'tcp', port: 43, said: [['client', 'one\r\ntwo\r\n']] }]
)
