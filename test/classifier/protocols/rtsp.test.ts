import { rtsp } from '../../../classifier/protocols/rtsp.ts'
import { conforms } from './conformance.ts'

conforms(
  rtsp,
  [
    {
      name: 'a camera',
      transport: 'tcp',
      port: 5540,
      said: [
        [
          'client',
          'OPTIONS rtsp://cam.example.net:554/live RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: VLC\r\n\r\n',
        ],
        ['server', 'RTSP/1.0 200 OK\r\nCSeq: 1\r\nServer: Cam/2\r\n\r\n'],
      ],
      confidence: 100,
      metadata: { hostname: 'cam.example.net', userAgent: 'VLC', serverAgent: 'Cam/2' },
    },
    {
      name: 'a server alone',
      transport: 'tcp',
      port: 554,
      said: [['server', 'RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\n\r\n']],
      confidence: 95,
    },
  ],
  [{ name: 'HTTP', transport: 'tcp', port: 554, said: [['client', 'OPTIONS * HTTP/1.1\r\n\r\n']] }]
)
