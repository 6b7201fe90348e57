import { tds } from '../../../classifier/protocols/tds.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const preLogin =
  '12 01 002f 0000 01 00 00 001a 0006 01 0020 0001 02 0021 0001 03 0022 0004 04 0026 0001 ff 110000000000 00 00 00000000 00'
const utf16 = (text: string): number[] => [...Buffer.from(text, 'utf16le')]
const u16le = (value: number): number[] => [value & 255, value >> 8]

/** Login7 (MS-TDS §2.2.6.4) with user and program. */
function login(): Uint8Array {
  const fields = [
    ...u16le(94),
    0,
    0,
    ...u16le(94),
    ...u16le(5),
    ...u16le(104),
    0,
    0,
    ...u16le(104),
    ...u16le(3),
  ]
  const body = [...Array.from({ length: 36 }, () => 0), ...fields]
  const rest = [
    ...body,
    ...Array.from({ length: 94 - body.length }, () => 0),
    ...utf16('alice'),
    ...utf16('app'),
  ]
  return Uint8Array.from([16, 1, 0, rest.length + 8, 0, 0, 1, 0, ...rest])
}

conforms(
  tds,
  [
    {
      name: 'a login in the clear',
      transport: 'tcp',
      port: 14_330,
      said: [
        ['client', hex(preLogin)],
        ['server', hex(preLogin.replace('12', '04'))],
        ['client', login()],
      ],
      confidence: 100,
      metadata: { userName: 'alice', software: 'app' },
      risks: ['clear-text-credentials'],
    },
    {
      name: 'a client at its port',
      transport: 'tcp',
      port: 1433,
      said: [['client', hex('01 01 000c 0000 01 00 5345 4c45')]],
      confidence: 90,
    },
  ],
  [
    {
      name: 'a window that is not',
      transport: 'tcp',
      port: 1433,
      said: [['client', hex('01 01 000c 0000 01 07 5345 4c45')]],
    },
    { name: 'zeros', transport: 'tcp', port: 1433, said: [['client', new Uint8Array(16)]] },
  ]
)
