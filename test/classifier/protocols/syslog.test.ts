import { syslog } from '../../../classifier/protocols/syslog.ts'
import { conforms } from './conformance.ts'

conforms(
  syslog,
  [
    {
      name: 'RFC 5424',
      transport: 'udp',
      port: 5514,
      said: [['client', '<34>1 2024-01-31T09:15:00.003Z host su - ID47 - failed']],
      confidence: 95,
    },
    {
      name: 'RFC 3164',
      transport: 'udp',
      port: 5514,
      said: [['client', '<13>Feb  5 17:32:18 host tag: text']],
      confidence: 90,
    },
    {
      name: 'a tag',
      transport: 'udp',
      port: 5514,
      said: [['client', '<30>sshd[123]: accepted']],
      confidence: 70,
    },
    {
      name: 'any text at its port',
      transport: 'udp',
      port: 514,
      said: [['client', '<30>accepted']],
    },
    {
      name: 'counted over TCP',
      transport: 'tcp',
      port: 601,
      said: [['client', '53 <34>1 2024-01-31T09:15:00.003Z host su - ID47 - failed']],
    },
  ],
  [
    { name: 'XML', transport: 'tcp', port: 514, said: [['client', '<?xml version="1.0"?>']] },
    { name: 'a number too large', transport: 'udp', port: 514, said: [['client', '<999>text']] },
    {
      name: 'a server that answers',
      transport: 'tcp',
      port: 514,
      said: [
        ['client', '1023\0root\0root\0ls\0'],
        ['server', '\0<13>Feb  5 17:32:18 host tag: text'],
      ],
    },
  ]
)
