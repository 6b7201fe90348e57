import { quake } from '../../../classifier/protocols/quake.ts'
import { conforms } from './conformance.ts'
import { latin1 } from './talk.ts'

conforms(
  quake,
  [
    {
      name: 'a question and its answer',
      transport: 'udp',
      port: 27960,
      said: [
        ['client', latin1('\xff\xff\xff\xffgetstatus\n')],
        ['server', latin1('\xff\xff\xff\xffstatusResponse\n\\\\sv_hostname\\\\x')],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'another word',
      transport: 'udp',
      port: 27960,
      said: [['client', latin1('\xff\xff\xff\xffhello\n')]],
    },
  ]
)
