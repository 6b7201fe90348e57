import { dicom } from '../../../classifier/protocols/dicom.ts'
import { conforms } from './conformance.ts'
import { latin1 } from './talk.ts'

conforms(
  dicom,
  [
    {
      name: 'an association',
      transport: 'tcp',
      port: 11112,
      said: [
        [
          'client',
          latin1('\x01\0\0\0\0\xcd\0\x01\0\0PACS            CT1             ' + '\0'.repeat(40)),
        ],
      ],
      metadata: { clientId: 'CT1' },
    },
  ],
  [
    {
      name: 'no titles',
      transport: 'tcp',
      port: 11112,
      said: [['client', latin1('\x01\0\0\0\0\xcd\0\x01\0\0' + '\x01'.repeat(60))]],
    },
  ]
)
