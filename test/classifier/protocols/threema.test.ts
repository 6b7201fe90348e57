import { threema } from '../../../classifier/protocols/threema.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

const random = (length: number): string =>
  Array.from({ length }, (_, i) => ((i * 167 + 91) & 255).toString(16).padStart(2, '0')).join('')

conforms(
  threema,
  [
    {
      name: 'both hellos',
      transport: 'tcp',
      port: 5222,
      said: [
        ['client', hex(random(48))],
        ['server', hex(random(80))],
      ],
      confidence: 75,
      application: 'threema',
    },
  ],
  [
    {
      name: 'text',
      transport: 'tcp',
      port: 5222,
      said: [
        ['client', 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'.slice(0, 48)],
        ['server', 'x'.repeat(80)],
      ],
    },
  ]
)
