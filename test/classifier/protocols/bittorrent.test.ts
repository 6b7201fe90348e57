import { bittorrent } from '../../../classifier/protocols/bittorrent.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const hash = '000102030405060708090a0b0c0d0e0f10111213'
const letters = Buffer.from(hash, 'hex').toString('latin1')
const greeting = `\u0013BitTorrent protocol\0\0\0\0\0\0\0\0${letters}-XX0000-abcdefghijkl`
const node = 'abcdefghij0123456789'
const tcp = { transport: 'tcp', port: 51_413 } as const
const udp = { transport: 'udp', port: 51_413 } as const

conforms(
  bittorrent,
  [
    {
      ...tcp,
      name: 'peers',
      said: [
        ['client', greeting],
        ['server', greeting],
      ],
      confidence: 95,
      metadata: { infoHash: hash },
    },
    {
      ...udp,
      name: 'the DHT',
      said: [
        ['client', `d1:ad2:id20:${node}9:info_hash20:${letters}e1:q9:get_peers1:t2:aa1:y1:qe`],
        ['server', `d1:rd2:id20:${node}e1:t2:aa1:y1:re`],
      ],
      metadata: { infoHash: hash },
    },
    {
      ...udp,
      name: 'uTP',
      said: [
        ['client', hex('41 00 1234 00000001 00000000 00100000 0001 0000')],
        ['server', hex('21 00 1234 00000002 00000001 00100000 0001 0001')],
      ],
    },
    { ...udp, name: 'a tracker', said: [['client', hex('0000041727101980 00000000 12345678')]] },
    {
      ...udp,
      name: 'local discovery',
      port: 6771,
      said: [
        [
          'client',
          `BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nInfohash: ${hash}\r\n\r\n`,
        ],
      ],
      metadata: { infoHash: hash },
    },
  ],
  [
    {
      ...udp,
      name: 'another connection id in the answer',
      said: [
        ['client', hex('01 00 1234 00000001 00000000 00100000 0001 0000')],
        ['server', hex('21 00 9999 00000002 00000001 00100000 0001 0001')],
      ],
    },
    { ...udp, name: 'a dictionary of another kind', said: [['client', 'd3:foo3:bare']] },
  ]
)
