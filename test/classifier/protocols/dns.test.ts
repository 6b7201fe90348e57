import { dns } from '../../../classifier/protocols/dns.ts'
import { llmnr } from '../../../classifier/protocols/llmnr.ts'
import { mdns } from '../../../classifier/protocols/mdns.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

// RFC 1035 §4.1: example.org A? and its answer, the name by a pointer.
const question = hex('1234 0100 0001 0000 0000 0000 07 4578616d706c65 03 6f7267 00 0001 0001')
const answer = hex(
  `1234 8180 0001 0002 0000 0000 07 6578616d706c65 03 6f7267 00 0001 0001
   c00c 0005 0001 0000012c 0006 03 777777 c00c
   0377 7777 c00c 0001 0001 0000012c 0004 c6336407`
)
const framed = (message: Uint8Array): Uint8Array =>
  Uint8Array.of(message.length >> 8, message.length & 255, ...message)
const metadata = {
  hostname: 'example.org',
  dnsQueryType: 1,
  dnsResponseCode: 0,
  dnsAnswers: ['www.example.org', '198.51.100.7'],
}
const loop = hex('1234 0100 0001 0000 0000 0000 c00c 0001 0001')

conforms(
  dns,
  [
    {
      name: 'question and answer',
      transport: 'udp',
      port: 53,
      said: [
        ['client', question],
        ['server', answer],
      ],
      confidence: 100,
      metadata,
    },
    {
      name: 'the same over TCP',
      transport: 'tcp',
      port: 53,
      said: [
        ['client', framed(question)],
        ['server', framed(answer)],
      ],
      confidence: 100,
      metadata,
    },
    {
      name: 'another port, where it adds up',
      transport: 'udp',
      port: 5300,
      said: [
        ['client', question],
        ['server', answer],
      ],
      confidence: 85,
      metadata: { hostname: 'example.org' },
    },
    {
      name: 'a question for a certificate of DNSCrypt',
      transport: 'udp',
      port: 443,
      protocol: 'dnscrypt',
      said: [
        [
          'client',
          hex(`0001 0100 0001 0000 0000 0000 01 32 0d 646e7363727970742d63657274
               07 6578616d706c65 00 0010 0001`),
        ],
      ],
    },
  ],
  [
    { name: 'a name that points to itself', transport: 'udp', port: 53, said: [['client', loop]] },
    {
      name: 'a count that no message has',
      transport: 'udp',
      port: 53,
      said: [['client', hex('1234 0100 ffff 0000 0000 0000 00')]],
    },
  ]
)

conforms(mdns, [
  {
    name: 'an announcement',
    transport: 'udp',
    port: 5353,
    clientPort: 5353,
    serverAddress: 0xe00000fb,
    said: [
      [
        'client',
        hex(`0000 8400 0000 0001 0000 0000 06 c3a97465726e 05 6c6f63616c 00 0001 8001
             00000078 0004 c0000201`),
      ],
    ],
    metadata: { hostname: 'étern.local' },
  },
])

conforms(
  llmnr,
  [
    {
      name: 'a question',
      transport: 'udp',
      port: 5355,
      serverAddress: 0xe00000fc,
      said: [['client', hex('1234 0000 0001 0000 0000 0000 04 77706164 00 0001 0001')]],
      metadata: { hostname: 'wpad' },
    },
  ],
  [{ name: 'a loop', transport: 'udp', port: 5355, said: [['client', loop]] }]
)
