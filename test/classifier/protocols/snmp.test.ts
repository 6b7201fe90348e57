import { snmp } from '../../../classifier/protocols/snmp.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const pdu = 'a0 1c 0204 12345678 020100 020100 300e 300c 0608 2b06010201010100 0500'

conforms(
  snmp,
  [
    {
      name: 'version 2c',
      transport: 'udp',
      port: 161,
      said: [['client', hex(`30 29 020101 0406 7075626c6963 ${pdu}`)]],
      confidence: 95,
      metadata: { version: '2c' },
      risks: [],
    },
    {
      name: 'a community that is a password',
      transport: 'udp',
      port: 1161,
      said: [['client', hex(`30 29 020100 0406 736563726574 ${pdu}`)]],
      metadata: { version: '1' },
      risks: ['clear-text-credentials'],
    },
    {
      name: 'version 3',
      transport: 'udp',
      port: 161,
      said: [
        [
          'client',
          hex(
            '30400201033011020412345678020300ffe30401040201030415301304000201000201000405616c' +
              '69636504000400301104000400a00b0201010201000201003000'
          ),
        ],
      ],
      metadata: { version: '3', userName: 'alice' },
    },
  ],
  [
    {
      name: 'LDAP',
      transport: 'udp',
      port: 161,
      said: [['client', hex('300c 020101 6007 020103 0400 8000')]],
    },
  ]
)
