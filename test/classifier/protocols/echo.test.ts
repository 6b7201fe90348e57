import { echo } from '../../../classifier/protocols/echo.ts'
import { conforms } from './conformance.ts'

conforms(
  echo,
  [
    {
      name: 'what comes back',
      transport: 'udp',
      port: 7,
      said: [
        ['client', 'are you there'],
        ['server', 'are you there'],
      ],
      confidence: 95,
    },
  ],
  [
    {
      name: 'something else that comes back',
      transport: 'udp',
      port: 7,
      said: [
        ['client', 'are you there'],
        ['server', 'no'],
      ],
    },
  ]
)
