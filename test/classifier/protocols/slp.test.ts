import { slp } from '../../../classifier/protocols/slp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  slp,
  [
    {
      name: 'a service request',
      transport: 'udp',
      port: 427,
      said: [
        [
          'client',
          hex(
            '02 01 00002f 0000 000000 0044 0002 656e 0000 000e 736572766963653a63656e737973 0007 44454641554c54 0000 0000'
          ),
        ],
      ],
      confidence: 90,
    },
    {
      name: 'version 1',
      transport: 'udp',
      port: 427,
      said: [['client', hex('01 06 0010 00 00 656e 0003 0001 0000 0000')]],
    },
    {
      name: 'TCP',
      transport: 'tcp',
      port: 427,
      said: [
        ['client', hex('02 09 00001d 0000 000000 9df6 0002 656e 0000 0007 44454641554c54 0000')],
      ],
    },
  ],
  [
    {
      name: 'a wrong length',
      transport: 'udp',
      port: 427,
      said: [['client', hex('02 09 00001c 0000 000000 9df6 0002 656e 0000 0007 44454641554c54')]],
    },
  ]
)
