import { ceph } from '../../../classifier/protocols/ceph.ts'
import { conforms } from './conformance.ts'

conforms(
  ceph,
  [
    {
      name: 'both banners',
      transport: 'tcp',
      port: 6789,
      said: [
        ['server', 'ceph v027'],
        ['client', 'ceph v027'],
      ],
    },
  ],
  [{ name: 'another word', transport: 'tcp', port: 6789, said: [['server', 'ceph value']] }]
)
