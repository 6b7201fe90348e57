import { munin } from '../../../classifier/protocols/munin.ts'
import { conforms } from './conformance.ts'

conforms(
  munin,
  [
    {
      name: 'a greeting',
      transport: 'tcp',
      port: 4949,
      said: [['server', '# munin node at web1.example\n']],
      confidence: 90,
    },
  ],
  [{ name: 'a comment', transport: 'tcp', port: 4949, said: [['server', '# minin\n']] }]
)
