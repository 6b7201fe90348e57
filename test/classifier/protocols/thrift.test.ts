import { thrift } from '../../../classifier/protocols/thrift.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  thrift,
  [
    {
      name: 'a call',
      transport: 'tcp',
      port: 9090,
      said: [['client', hex('80010001 00000004 70696e67 00000000 00')]],
      confidence: 90,
    },
    {
      name: 'a framed call',
      transport: 'tcp',
      port: 9090,
      said: [['client', hex('00000011 80010001 00000004 70696e67 00000000 00')]],
    },
    {
      name: 'the compact protocol',
      transport: 'udp',
      port: 6831,
      said: [['client', hex('82 81 b28101 09 656d69744261746368 1c')]],
    },
  ],
  [
    {
      name: 'no name',
      transport: 'tcp',
      port: 9090,
      said: [['client', hex('80010001 00000004 00010203 00000000 00')]],
    },
  ]
)
