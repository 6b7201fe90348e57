import { rsync } from '../../../classifier/protocols/rsync.ts'
import { conforms } from './conformance.ts'

conforms(
  rsync,
  [
    {
      name: 'a module that is asked for',
      transport: 'tcp',
      port: 8730,
      said: [
        ['server', '@RSYNCD: 31.0\n'],
        ['client', '@RSYNCD: 31.0 sha512 md5\n'],
        ['client', 'debian\n'],
      ],
      metadata: { version: '31.0', fileName: 'debian' },
    },
  ],
  [{ name: 'a word', transport: 'tcp', port: 873, said: [['server', '@RSYNCD: hello\n']] }]
)
