import { sunRpc } from '../../../classifier/protocols/sun-rpc.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const none = '00000000 00000000'
const call = (program: string): string =>
  `12345678 00000000 00000002 ${program} 00000003 00000001 ${none} ${none} 00000000`
const reply = `12345678 00000001 00000000 ${none} 00000000 00000000`

conforms(
  sunRpc,
  [
    {
      name: 'NFS over TCP',
      protocol: 'nfs',
      transport: 'tcp',
      port: 2050,
      said: [
        ['client', hex(`8000002c ${call('000186a3')}`)],
        ['server', hex(`8000001c ${reply}`)],
      ],
      confidence: 90,
      metadata: { version: '3' },
    },
    {
      name: 'the port mapper',
      protocol: 'portmap',
      transport: 'udp',
      port: 111,
      said: [['client', hex(call('000186a0'))]],
      confidence: 90,
    },
    {
      name: 'a program of somebody',
      transport: 'udp',
      port: 3000,
      said: [
        ['client', hex(call('20000001'))],
        ['server', hex(reply)],
      ],
    },
    {
      name: 'replies alone',
      protocol: 'nfs',
      transport: 'udp',
      port: 2049,
      said: [['server', hex(reply)]],
      confidence: 70,
    },
  ],
  [
    {
      name: 'another version',
      transport: 'udp',
      port: 111,
      said: [['client', hex(call('000186a0').replace('00000002', '00000003'))]],
    },
    {
      name: 'a small number',
      transport: 'udp',
      port: 111,
      said: [['client', hex(call('00000001'))]],
    },
  ]
)
