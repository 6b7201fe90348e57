import { viber } from '../../../classifier/protocols/viber.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  viber,
  [
    {
      name: 'a beginning',
      transport: 'udp',
      port: 7985,
      said: [['client', hex(`edf6 0100 0500 ac19358c8f64e447 ${'07'.repeat(60)}`)]],
      confidence: 75,
      application: 'viber',
    },
    {
      name: 'messages',
      transport: 'tcp',
      port: 4244,
      said: [['client', hex('1800 00000000 fcff 0580 0900 0000000000000000 33000000')]],
    },
    {
      name: 'two messages in a segment',
      transport: 'tcp',
      port: 4244,
      said: [['client', hex('0c00 00000000 fcff 0580 0900 0c00 01000000 fcff 0580 0900')]],
    },
  ],
  [
    {
      name: 'a length that is not that of the message',
      transport: 'tcp',
      port: 4244,
      said: [['client', hex('1900 00000000 fcff 0580 0900 0000000000000000 33000000')]],
    },
    {
      name: 'another port',
      transport: 'udp',
      port: 7000,
      said: [['client', hex(`edf6 0100 0500 ac19358c8f64e447 ${'07'.repeat(60)}`)]],
    },
  ]
)
