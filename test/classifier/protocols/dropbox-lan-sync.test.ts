import { dropboxLanSync } from '../../../classifier/protocols/dropbox-lan-sync.ts'
import { conforms } from './conformance.ts'

conforms(
  dropboxLanSync,
  [
    {
      name: 'an announcement',
      transport: 'udp',
      port: 17500,
      clientPort: 17500,
      said: [
        [
          'client',
          '{"host_int": 413767116, "version": [1, 8], "displayname": "", "port": 17500, "namespaces": []}',
        ],
      ],
      application: 'dropbox',
    },
  ],
  [{ name: 'other JSON', transport: 'udp', port: 17500, said: [['client', '{"version": [1, 8]}']] }]
)
