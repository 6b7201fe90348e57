import { ftpData } from '../../../classifier/protocols/ftp-data.ts'
import { conforms } from './conformance.ts'

conforms(
  ftpData,
  [
    {
      name: 'a listing from port 20',
      transport: 'tcp',
      port: 20,
      said: [['server', 'drwxr-xr-x    2 0        0            4096 Jan 01 12:00 pub\r\n']],
      confidence: 90,
    },
    {
      name: 'a listing of Windows over a passive connection',
      transport: 'tcp',
      port: 50_123,
      said: [['server', '01-31-24  09:15AM       <DIR>          reports\r\n']],
      confidence: 70,
    },
    {
      name: 'MLSD',
      transport: 'tcp',
      port: 50_123,
      said: [['server', 'type=file;size=17;modify=20240131091500; a.txt\r\n']],
    },
    {
      name: 'a file from port 20',
      transport: 'tcp',
      port: 40_000,
      clientPort: 20,
      said: [['server', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 1, 2)]],
      confidence: 50,
    },
  ],
  [
    {
      name: 'a talk of two',
      transport: 'tcp',
      port: 20,
      said: [
        ['client', 'hello\r\n'],
        ['server', 'drwxr-xr-x    2 0        0            4096 Jan 01 12:00 pub\r\n'],
      ],
    },
  ]
)
