import { ntp } from '../../../classifier/protocols/ntp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const question = `23 00 06 ec ${'00'.repeat(36)} e5f1c0de12345678`
const answer = `24 01 06 ec ${'00'.repeat(20)} e5f1c0de12345678 e5f1c0df00000000 e5f1c0df00000001`

conforms(
  ntp,
  [
    {
      name: 'a question',
      transport: 'udp',
      port: 123,
      said: [['client', hex(question)]],
      confidence: 90,
      metadata: { version: '4' },
    },
    {
      name: 'both on another port',
      transport: 'udp',
      port: 4123,
      said: [
        ['client', hex(question)],
        ['server', hex(answer)],
      ],
      confidence: 100,
    },
    {
      name: 'version 2 asks for the peers',
      transport: 'udp',
      port: 123,
      said: [['client', hex('17 00 03 2a 0000 0000')]],
      metadata: { version: '2' },
    },
    {
      name: 'control',
      transport: 'udp',
      port: 123,
      said: [['client', hex('16 02 0001 0000 0000 0000 0000')]],
    },
  ],
  [
    {
      name: 'a question on another port',
      transport: 'udp',
      port: 4123,
      said: [['client', hex(question)]],
    },
    {
      name: 'something on its port',
      transport: 'udp',
      port: 123,
      said: [['client', hex('17 00 ff 2a')]],
    },
  ]
)
