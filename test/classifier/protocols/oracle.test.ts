import { oracle } from '../../../classifier/protocols/oracle.ts'
import { conforms } from './conformance.ts'
import { hex, latin1 } from './talk.ts'

const wanted = latin1(
  '(DESCRIPTION=(CONNECT_DATA=(SERVICE_NAME=db)(CID=(PROGRAM=sqlplus)(HOST=pc)(USER=alice))))'
)
const total = 58 + wanted.length
const connect = Uint8Array.from([
  total >> 8,
  total & 255,
  ...hex('0000 01 00 0000 0139 012c 0c41 2000 7fff 7f08 0000 0001'),
  0,
  wanted.length,
  ...hex('003a 00000000 0101'),
  ...Array.from({ length: 24 }, () => 0),
  ...wanted,
])

conforms(
  oracle,
  [
    {
      name: 'a connection that is accepted',
      transport: 'tcp',
      port: 1526,
      said: [
        ['client', connect],
        ['server', hex('0018 0000 02 00 0000 0139 0000 0800 7fff 0100 0000 0018 4101')],
      ],
      metadata: { userName: 'alice', software: 'sqlplus' },
    },
    {
      name: 'a client alone',
      transport: 'tcp',
      port: 1521,
      said: [['client', connect]],
      confidence: 80,
    },
  ],
  [
    {
      name: 'a version that is not',
      transport: 'tcp',
      port: 1521,
      said: [['client', hex('0020 0000 01 00 0000 7777 012c')]],
    },
    { name: 'zeros', transport: 'tcp', port: 1521, said: [['client', new Uint8Array(40)]] },
  ]
)
