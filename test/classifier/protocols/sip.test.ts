import { sip } from '../../../classifier/protocols/sip.ts'
import { conforms } from './conformance.ts'

const head = 'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1\r\n'
const invite =
  `INVITE sip:bob@example.net SIP/2.0\r\n${head}From: "Alice" <sip:alice@example.org>;tag=1\r\n` +
  'To: <sip:bob@example.net>\r\nUser-Agent: Phone/1\r\n\r\n'
const ok = `SIP/2.0 200 OK\r\n${head}f: <sip:alice@example.org>\r\nt: sip:bob@example.net;tag=2\r\n\r\n`

conforms(
  sip,
  [
    {
      name: 'a call',
      transport: 'udp',
      port: 5062,
      said: [['client', invite]],
      confidence: 95,
      metadata: { callFrom: 'alice@example.org', callTo: 'bob@example.net', userAgent: 'Phone/1' },
    },
    {
      name: 'an answer behind what keeps the way open',
      transport: 'udp',
      port: 5060,
      said: [
        ['client', '\r\n\r\n'],
        ['server', ok],
      ],
      metadata: { callFrom: 'alice@example.org', callTo: 'bob@example.net' },
    },
    {
      name: 'over TCP',
      transport: 'tcp',
      port: 5060,
      said: [
        ['client', invite],
        ['server', ok],
      ],
      confidence: 95,
    },
    {
      name: 'who registers',
      transport: 'udp',
      port: 5060,
      said: [
        [
          'client',
          `REGISTER sip:example.net SIP/2.0\r\n${head}From: sip:a@example.net\r\nTo: sip:a@example.net\r\n` +
            'Authorization: Digest username="alice", realm="example.net"\r\n\r\n',
        ],
      ],
      metadata: { userName: 'alice', realm: 'example.net' },
    },
  ],
  [
    {
      name: 'HTTP',
      transport: 'tcp',
      port: 5060,
      said: [['client', 'OPTIONS * HTTP/1.1\r\n\r\n']],
    },
    {
      name: 'a message',
      transport: 'udp',
      port: 5060,
      said: [['client', 'MESSAGE in a bottle\r\n']],
    },
  ]
)
