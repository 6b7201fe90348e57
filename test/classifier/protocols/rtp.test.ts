import { rtp } from '../../../classifier/protocols/rtp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

/** A packet of 20 ms of G.711 (RFC 3551 §4.5.14), shortened. */
const packet = (sequence: string, source = '11223344', type = '00'): Uint8Array =>
  hex(`80 ${type} ${sequence} 00000100 ${source} ${'d5'.repeat(20)}`)

conforms(
  rtp,
  [
    {
      name: 'one side',
      transport: 'udp',
      port: 30_000,
      said: [
        ['client', packet('0001')],
        ['client', packet('0002')],
        ['client', packet('0004')],
      ],
      confidence: 90,
    },
    {
      name: 'both sides, with STUN and RTCP between',
      transport: 'udp',
      port: 30_000,
      said: [
        ['client', packet('ffff', '11223344', '6f')],
        ['server', packet('0010', '55667788', 'ef')],
        ['server', hex('80 c9 0001 55667788')],
        ['client', hex('00010000 2112a442 000102030405060708090a0b')],
        ['client', packet('0000', '11223344', '6f')],
        ['server', packet('0011', '55667788', '6f')],
      ],
      confidence: 90,
    },
  ],
  [
    { name: 'one packet', transport: 'udp', port: 30_000, said: [['client', packet('0001')]] },
    {
      name: 'packets of many sources',
      transport: 'udp',
      port: 30_000,
      said: [
        ['client', packet('0001', '00000001')],
        ['client', packet('0002', '00000002')],
        ['client', packet('0003', '00000003')],
      ],
    },
    {
      name: 'a version that is not',
      transport: 'udp',
      port: 30_000,
      said: [['client', hex('40 00 0001 00000001 00000001 00 00')]],
    },
  ]
)
