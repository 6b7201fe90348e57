import { megaco } from '../../../classifier/protocols/megaco.ts'
import { conforms } from './conformance.ts'

conforms(
  megaco,
  [
    {
      name: 'a transaction',
      transport: 'udp',
      port: 2945,
      said: [['client', 'MEGACO/1 [192.0.2.1]:2944\r\nTransaction = 9998 {\r\n Context = - {}}']],
      confidence: 95,
    },
    {
      name: 'its short form',
      transport: 'udp',
      port: 2944,
      said: [['client', '!/2 <mg1> P=12{C=1{}}']],
    },
    {
      name: 'within TPKT',
      transport: 'tcp',
      port: 2944,
      said: [['client', '\u0003\u0000\u0000\u002b!/1 [192.0.2.1]:2944 T=1{C=-{SC=ROOT{}}}']],
    },
  ],
  [
    {
      name: 'another word',
      transport: 'udp',
      port: 2944,
      said: [['client', 'MEGACORP/1 hello world']],
    },
  ]
)
