import { wireguard } from '../../../classifier/protocols/wireguard.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const init = (reserved: string): string =>
  `01${reserved} d837d030 ${'5f'.repeat(108)} ${'a1'.repeat(16)} ${'00'.repeat(16)}`
const data = (counter: string): string =>
  `04000000 be40698d ${counter}00000000000000 ${'d5'.repeat(48)}`

conforms(
  wireguard,
  [
    {
      name: 'a handshake',
      transport: 'udp',
      port: 51820,
      said: [
        ['client', hex(init('000000'))],
        ['server', hex(`02000000 11223344 d837d030 ${'c3'.repeat(80)}`)],
      ],
      confidence: 90,
    },
    {
      name: 'data alone',
      transport: 'udp',
      port: 4000,
      said: [
        ['client', hex(data('05'))],
        ['client', hex(data('06'))],
        ['client', hex(data('07'))],
      ],
      confidence: 85,
    },
    {
      name: 'WARP',
      transport: 'udp',
      port: 2408,
      said: [['client', hex(init('a1b2c3'))]],
      application: 'cloudflare-warp',
    },
  ],
  [
    {
      name: 'another size',
      transport: 'udp',
      port: 51820,
      said: [['client', hex(`01000000 d837d030 ${'5f'.repeat(139)}`)]],
    },
    {
      name: 'data whose receiver changes',
      transport: 'udp',
      port: 4000,
      said: [
        ['client', hex(data('05'))],
        ['client', hex(`04000000 be40698e 0600000000000000 ${'d5'.repeat(48)}`)],
        ['client', hex(data('07'))],
      ],
    },
  ]
)
