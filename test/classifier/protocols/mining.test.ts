import { mining } from '../../../classifier/protocols/mining.ts'
import { conforms } from './conformance.ts'

conforms(
  mining,
  [
    {
      name: 'a subscription',
      transport: 'tcp',
      port: 3333,
      said: [['client', '{"id":1,"method":"mining.subscribe","params":["cgminer/4.9"]}\n']],
      metadata: { software: 'cgminer/4.9' },
    },
    {
      name: 'a login',
      transport: 'tcp',
      port: 4444,
      said: [
        [
          'client',
          '{"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"48edf","pass":"x","agent":"XMRig/6.2"}}\n',
        ],
      ],
      metadata: { userName: '48edf', software: 'XMRig/6.2' },
    },
  ],
  [
    {
      name: 'another method',
      transport: 'tcp',
      port: 3333,
      said: [['client', '{"id":1,"method":"echo","params":[]}\n']],
    },
  ]
)
