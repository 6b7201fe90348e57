import { smb } from '../../../classifier/protocols/smb.ts'
import { conforms } from './conformance.ts'
import { hex, latin1 } from './talk.ts'

const u32le = (value: number): number[] => [value & 255, value >> 8, 0, 0]
const framed = (body: readonly number[]): Uint8Array =>
  Uint8Array.from([0, 0, body.length >> 8, body.length & 255, ...body])

/** MS-SMB2 §2.2.1.2 and what follows it. */
function smb2(command: number, body: readonly number[]): Uint8Array {
  const header = [0xfe, 0x53, 0x4d, 0x42, 64, 0, 0, 0, 0, 0, 0, 0, command, 0]
  return framed([...header, ...Array.from({ length: 64 - header.length }, () => 0), ...body])
}

/** NTLMSSP type 3 (MS-NLMP §2.2.1.3) with domain and user in UTF-16. */
function ntlm(domain: string, user: string): number[] {
  const text = (value: string): number[] => [...Buffer.from(value, 'utf16le')]
  const field = (length: number, at: number): number[] => [length, 0, length, 0, ...u32le(at)]
  const [d, u] = [text(domain), text(user)]
  return [
    ...latin1('NTLMSSP\0'),
    ...u32le(3),
    ...field(0, 64),
    ...field(0, 64),
    ...field(d.length, 64),
    ...field(u.length, 64 + d.length),
    ...field(0, 64),
    ...field(0, 64),
    ...u32le(1),
    ...d,
    ...u,
  ]
}

const zeros = (length: number): number[] => Array.from({ length }, () => 0)
const offer = smb2(0, [36, 0, 2, 0, 1, ...zeros(31), 0x02, 0x02, 0x11, 0x03])
const choice = smb2(0, [65, 0, 1, 0, 0x11, 0x03, ...zeros(58)])
const smb1 = (command: string): string => `ff534d42 ${command} 00000000 98 53c8 ${'00'.repeat(20)}`

conforms(
  smb,
  [
    {
      name: 'SMB 3.1.1 and who logs in',
      transport: 'tcp',
      port: 445,
      said: [
        ['client', offer],
        ['server', choice],
        ['client', smb2(1, [25, 0, ...zeros(22), ...ntlm('CORP', 'alice')])],
      ],
      confidence: 100,
      metadata: { version: '3.1.1', userName: 'alice', realm: 'CORP' },
      risks: [],
    },
    {
      name: 'SMB 1 over a NetBIOS session',
      transport: 'tcp',
      port: 139,
      said: [
        ['client', hex(`81000044 20 ${'4341'.repeat(16)} 00 20 ${'4341'.repeat(16)} 00`)],
        ['server', hex('82000000')],
        ['client', hex(`00000023 ${smb1('72')} 00 0000`)],
        ['server', hex(`00000023 ${smb1('72')} 00 0000`)],
      ],
      metadata: { version: '1' },
      risks: ['obsolete-protocol'],
    },
    {
      name: 'a client alone',
      transport: 'tcp',
      port: 445,
      said: [['client', offer]],
      confidence: 95,
    },
  ],
  [
    { name: 'zeros', transport: 'tcp', port: 445, said: [['client', new Uint8Array(64)]] },
    {
      name: 'another frame',
      transport: 'tcp',
      port: 445,
      said: [['client', hex('00000040 ff455854')]],
    },
  ]
)
