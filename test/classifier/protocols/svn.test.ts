import { svn } from '../../../classifier/protocols/svn.ts'
import { conforms } from './conformance.ts'

conforms(
  svn,
  [
    {
      name: 'both sides',
      transport: 'tcp',
      port: 3691,
      said: [
        ['server', '( success ( 2 2 ( ) ( edit-pipeline svndiff1 accepts-svndiff2 ) ) ) '],
        [
          'client',
          '( 2 ( edit-pipeline svndiff1 ) 25:svn://svn.example.net/repo 10:SVN/1.14.2 ( ) ) ',
        ],
      ],
      confidence: 100,
      metadata: { hostname: 'svn.example.net', fileName: 'svn://svn.example.net/repo' },
    },
  ],
  [{ name: 'Lisp', transport: 'tcp', port: 3690, said: [['client', '( + 1 2 )\n']] }]
)
