import { finger } from '../../../classifier/protocols/finger.ts'
import { conforms } from './conformance.ts'

conforms(
  finger,
  [
    {
      name: 'somebody who is asked after',
      transport: 'tcp',
      port: 79,
      said: [
        ['client', '/W alice@example.net\r\n'],
        ['server', 'Login: alice\r\n'],
      ],
      metadata: { userName: 'alice' },
    },
    { name: 'everybody', transport: 'tcp', port: 79, said: [['client', '\r\n']], confidence: 80 },
  ],
  [{ name: 'another port', transport: 'tcp', port: 7979, said: [['client', 'alice\r\n']] }]
)
