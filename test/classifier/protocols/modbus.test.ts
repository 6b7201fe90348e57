import { modbus } from '../../../classifier/protocols/modbus.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  modbus,
  [
    {
      name: 'registers that are read',
      transport: 'tcp',
      port: 502,
      said: [
        ['client', hex('00d1 0000 0006 01 03 0001 0001')],
        ['server', hex('00d1 0000 0005 01 03 02 0001')],
      ],
    },
  ],
  [
    {
      name: 'another protocol number',
      transport: 'tcp',
      port: 502,
      said: [['client', hex('00d1 0001 0006 01 03 0001 0001')]],
    },
  ]
)
