import { zabbix } from '../../../classifier/protocols/zabbix.ts'
import { conforms } from './conformance.ts'
import { latin1 } from './talk.ts'

conforms(
  zabbix,
  [
    {
      name: 'an item that is asked for',
      transport: 'tcp',
      port: 10050,
      said: [
        ['client', latin1('ZBXD\x01\x0a\0\0\0\0\0\0\0agent.ping')],
        ['server', latin1('ZBXD\x01\x01\0\0\0\0\0\0\x001')],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'flags that are not',
      transport: 'tcp',
      port: 10050,
      said: [['client', 'ZBXD LIVES FOR EVER']],
    },
  ]
)
