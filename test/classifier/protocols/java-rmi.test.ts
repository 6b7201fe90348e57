import { javaRmi } from '../../../classifier/protocols/java-rmi.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'

conforms(
  javaRmi,
  [
    {
      name: 'a stream',
      transport: 'tcp',
      port: 1099,
      said: [
        ['client', hex('4a524d49 0002 4b')],
        ['server', hex('4e 0009 3132372e302e302e31 0000 8691')],
      ],
      confidence: 90,
    },
  ],
  [
    {
      name: 'another kind',
      transport: 'tcp',
      port: 1099,
      said: [['client', hex('4a524d49 0002 4f')]],
    },
  ]
)
