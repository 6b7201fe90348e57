import { tplinkShp } from '../../../classifier/protocols/tplink-shp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const question = 'd0f281f88bff9af7d5ef94b6d1b4c09fec95e68fe187e8caf08bf68bf6'

conforms(
  tplinkShp,
  [
    {
      name: 'a broadcast',
      transport: 'udp',
      port: 9999,
      said: [['client', hex(question)]],
      application: 'tp-link',
    },
    {
      name: 'a connection',
      transport: 'tcp',
      port: 9999,
      said: [['client', hex(`0000001d ${question}`)]],
    },
  ],
  [
    {
      name: 'other octets',
      transport: 'udp',
      port: 9999,
      said: [['client', hex('d0f281f88bff9a00d5ef94b6')]],
    },
  ]
)
