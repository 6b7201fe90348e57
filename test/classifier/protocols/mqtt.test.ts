import { mqtt } from '../../../classifier/protocols/mqtt.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const connect = '10 1c 0004 4d515454 04 c2 003c 0003 647631 0005 616c696365 0004 70617373'

conforms(
  mqtt,
  [
    {
      name: 'a thing that logs in',
      transport: 'tcp',
      port: 1884,
      said: [
        ['client', hex(connect)],
        ['server', hex('20 02 00 00')],
      ],
      confidence: 95,
      metadata: { clientId: 'dv1', userName: 'alice', version: '3.1.1' },
      risks: ['clear-text-credentials'],
    },
    {
      name: 'version 5 with properties',
      transport: 'tcp',
      port: 1883,
      said: [['client', hex('10 15 0004 4d515454 05 02 003c 05 1100000e10 0003 647631')]],
      metadata: { clientId: 'dv1', version: '5.0' },
      risks: [],
    },
    {
      name: 'version 3.1',
      transport: 'tcp',
      port: 1883,
      said: [['client', hex('10 11 0006 4d5149736470 03 02 003c 0003 647631')]],
    },
    {
      name: 'a connection under way',
      transport: 'tcp',
      port: 1883,
      said: [
        ['client', hex('30 07 0001 61 31323334')],
        ['client', hex('c0 00')],
        ['server', hex('d0 00')],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'another name',
      transport: 'tcp',
      port: 1883,
      said: [['client', hex('10 0f 0004 4d515455 04 02 003c 0003 647631')]],
    },
    { name: 'a zero', transport: 'tcp', port: 1884, said: [['client', hex('30 00')]] },
  ]
)
