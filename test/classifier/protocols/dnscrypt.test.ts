import { dnscrypt } from '../../../classifier/protocols/dnscrypt.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const query = `7139676e764d3133 ${'55'.repeat(32)} 0102030405060708090a0b0c ${'66'.repeat(64)}`
const answer = `7236666e76576a38 0102030405060708090a0b0c ${'77'.repeat(60)}`

conforms(
  dnscrypt,
  [
    {
      name: 'a question and its answer',
      transport: 'udp',
      port: 443,
      said: [
        ['client', hex(query)],
        ['server', hex(answer)],
      ],
      confidence: 100,
    },
    {
      name: 'TCP',
      transport: 'tcp',
      port: 443,
      said: [
        ['client', hex(`0074 ${query}`)],
        ['server', hex(`0050 ${answer}`)],
      ],
    },
  ],
  [{ name: 'a question alone', transport: 'udp', port: 443, said: [['client', hex(query)]] }]
)
