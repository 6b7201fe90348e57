import { ookla } from '../../../classifier/protocols/ookla.ts'
import { conforms } from './conformance.ts'

conforms(
  ookla,
  [
    {
      name: 'a beginning',
      transport: 'tcp',
      port: 8080,
      said: [
        ['client', 'HI 8e17cb65-c6b5-4b39-adcc-97006a1e4537\n'],
        ['server', 'HELLO 2.9 (2.9.3) 2021-04-21\n'],
      ],
      application: 'speedtest',
    },
  ],
  [{ name: 'a greeting', transport: 'tcp', port: 8080, said: [['client', 'HI there\n']] }]
)
