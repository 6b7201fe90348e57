import { kerberos } from '../../../classifier/protocols/kerberos.ts'
import { conforms } from './conformance.ts'
import { latin1 } from './talk.ts'

const der = (tag: number, ...parts: readonly (readonly number[])[]): number[] => {
  const body = parts.flat()
  return body.length < 128 ? [tag, body.length, ...body] : [tag, 0x81, body.length, ...body]
}
const text = (value: string): number[] => der(0x1b, [...latin1(value)])
const number = (value: number): number[] => der(2, [value])
const name = (kind: number, ...parts: readonly string[]): number[] =>
  der(0x30, der(0xa0, number(kind)), der(0xa1, der(0x30, ...parts.map(text))))

const body = der(
  0x30,
  der(0xa0, der(3, [0, 0x40, 0, 0, 0])),
  der(0xa1, name(1, 'alice')),
  der(0xa2, text('EXAMPLE.NET')),
  der(0xa3, name(2, 'krbtgt', 'EXAMPLE.NET'))
)
const request = der(0x6a, der(0x30, der(0xa1, number(5)), der(0xa2, number(10)), der(0xa4, body)))
const error = der(
  0x7e,
  der(
    0x30,
    der(0xa0, number(5)),
    der(0xa1, number(30)),
    der(0xa9, text('EXAMPLE.NET')),
    der(0xaa, name(2, 'host', 'pc'))
  )
)
const framed = (message: readonly number[]): Uint8Array =>
  Uint8Array.from([0, 0, 0, message.length, ...message])

conforms(
  kerberos,
  [
    {
      name: 'a ticket that is asked for',
      transport: 'udp',
      port: 88,
      said: [['client', Uint8Array.from(request)]],
      confidence: 95,
      metadata: { userName: 'alice', realm: 'EXAMPLE.NET', hostname: 'krbtgt/EXAMPLE.NET' },
    },
    {
      name: 'over TCP',
      transport: 'tcp',
      port: 8800,
      said: [
        ['client', framed(request)],
        ['server', framed(error)],
      ],
      metadata: { userName: 'alice' },
    },
    {
      name: 'an error',
      transport: 'udp',
      port: 88,
      said: [['server', Uint8Array.from(error)]],
      metadata: { realm: 'EXAMPLE.NET', hostname: 'host/pc' },
    },
  ],
  [
    {
      name: 'another version',
      transport: 'udp',
      port: 88,
      said: [
        [
          'client',
          Uint8Array.from(
            der(0x6a, der(0x30, der(0xa1, number(4)), der(0xa2, number(10)), der(0xa4, body)))
          ),
        ],
      ],
    },
    { name: 'a letter', transport: 'udp', port: 88, said: [['client', 'just a text']] },
  ]
)
