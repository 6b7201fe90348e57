import { merakiCloud } from '../../../classifier/protocols/meraki-cloud.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  merakiCloud,
  [
    {
      name: 'a message',
      transport: 'udp',
      port: 7351,
      said: [['client', hex(`fef72891 0d010034 068a1b4e ${'00'.repeat(40)}`)]],
      application: 'cisco-meraki',
    },
  ],
  [
    {
      name: 'another length',
      transport: 'udp',
      port: 7351,
      said: [['client', hex(`fef72891 0d010070 068a1b4e ${'00'.repeat(40)}`)]],
    },
    {
      name: 'another magic',
      transport: 'udp',
      port: 7351,
      said: [['client', hex(`fef72892 0d010070 068a1b4e ${'00'.repeat(40)}`)]],
    },
  ]
)
