import { git } from '../../../classifier/protocols/git.ts'
import { conforms } from './conformance.ts'

conforms(
  git,
  [
    {
      name: 'a clone',
      transport: 'tcp',
      port: 9419,
      said: [
        ['client', '0032git-upload-pack /shop.git\0host=git.example.net\0'],
        ['server', `0040${'ab'.repeat(20)} HEAD\0multi_ack thin-pack\n`],
      ],
      metadata: { fileName: '/shop.git', hostname: 'git.example.net' },
    },
  ],
  [
    {
      name: 'a number',
      transport: 'tcp',
      port: 9418,
      said: [['client', '0032give me all that you have, please\r\n']],
    },
    { name: 'HTTP', transport: 'tcp', port: 9418, said: [['client', 'GET / HTTP/1.1\r\n\r\n']] },
  ]
)
