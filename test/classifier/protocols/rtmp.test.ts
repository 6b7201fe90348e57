import { rtmp } from '../../../classifier/protocols/rtmp.ts'
import { conforms } from './conformance.ts'
import { hex, latin1 } from './talk.ts'

const part = (fill: number): number[] => [
  0,
  0,
  0,
  1,
  0,
  0,
  0,
  0,
  ...Array.from({ length: 1528 }, () => fill),
]
const hello = (fill: number): Uint8Array => Uint8Array.from([3, ...part(fill)])
const url = 'rtmp://live.example.net/app'
const connect = [
  ...part(2),
  ...hex('03 000000 000050 14 00000000 02 0007'),
  ...latin1('connect'),
  ...hex('00 3ff0000000000000 03 0005'),
  ...latin1('tcUrl'),
  2,
  0,
  url.length,
  ...latin1(url),
]

conforms(
  rtmp,
  [
    {
      name: 'a stream that is asked for',
      transport: 'tcp',
      port: 1936,
      said: [
        ['client', hello(1)],
        ['server', Uint8Array.from([...hello(2), ...part(1)])],
        ['client', Uint8Array.from(connect)],
      ],
      confidence: 100,
      metadata: { hostname: 'live.example.net', httpUrl: url },
    },
    {
      name: 'a client alone',
      transport: 'tcp',
      port: 1935,
      said: [['client', hello(1)]],
      confidence: 70,
    },
  ],
  [
    {
      name: 'TPKT',
      transport: 'tcp',
      port: 1935,
      said: [['client', hex('0300000b06e00000000000')]],
    },
    {
      name: 'a server of another kind',
      transport: 'tcp',
      port: 1935,
      said: [
        ['client', hello(1)],
        ['server', 'ERROR\r\n'],
      ],
    },
  ]
)
