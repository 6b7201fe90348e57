import { jsonRpc } from '../../../classifier/protocols/json-rpc.ts'
import { conforms } from './conformance.ts'

conforms(
  jsonRpc,
  [
    {
      name: 'a call',
      transport: 'tcp',
      port: 8080,
      said: [['client', '{"jsonrpc": "2.0", "method": "echo", "params": ["x"], "id": 1}']],
      confidence: 75,
    },
  ],
  [{ name: 'other JSON', transport: 'tcp', port: 8080, said: [['client', '{"method": "echo"}']] }]
)
