import { http } from '../../../classifier/protocols/http.ts'
import { websocket } from '../../../classifier/protocols/websocket.ts'
import { conforms } from './conformance.ts'
import { hex } from './talk.ts'
import { tlsTalk } from './tls-talk.ts'

const hello = (await tlsTalk('TLSv1.3', 'inner.example.test'))[0]?.[1] ?? ''
const tcp = { transport: 'tcp', port: 8081 } as const

conforms(
  http,
  [
    {
      ...tcp,
      name: 'request and reply',
      said: [
        [
          'client',
          'GET /a?b=1 HTTP/1.1\r\nHost: Www.Example.test:8081\r\nUser-Agent: curl/8.1\r\n',
        ],
        ['client', 'Authorization: Basic YTpi\r\n\r\n'],
        [
          'server',
          'HTTP/1.1 404 Not Found\r\nServer: nginx\r\nContent-Type: text/html; charset=x\r\n\r\n',
        ],
      ],
      confidence: 100,
      risks: ['clear-text-credentials'],
      metadata: {
        httpMethod: 'GET',
        httpUrl: '/a?b=1',
        httpStatus: 404,
        hostname: 'www.example.test',
        userAgent: 'curl/8.1',
        serverAgent: 'nginx',
        contentType: 'text/html',
      },
    },
    {
      ...tcp,
      name: 'the reply alone',
      said: [['server', 'HTTP/1.0 200 OK\r\n\r\n']],
      confidence: 95,
    },
    {
      ...tcp,
      name: 'a proxy',
      protocol: 'http-proxy',
      said: [['client', 'GET http://user@[2001:db8::1]:80/ HTTP/1.1\r\n\r\n']],
      metadata: { hostname: '2001:db8::1' },
    },
    {
      ...tcp,
      name: 'a tunnel and the TLS in it',
      protocol: 'http-connect',
      said: [
        ['client', 'CONNECT www.example.test:443 HTTP/1.1\r\n\r\n'],
        ['server', 'HTTP/1.1 200 OK\r\n\r\n'],
        ['client', hello],
      ],
      metadata: { hostname: 'www.example.test', sniKind: 'real' },
    },
    {
      ...tcp,
      name: 'HTTP/2 in clear',
      protocol: 'http2',
      said: [['client', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0']],
    },
    {
      ...tcp,
      name: 'HTTP/2 in clear, whose server does not wait for the client',
      protocol: 'http2',
      said: [
        ['server', hex('00000604000000000000030000007b')],
        ['client', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0'],
      ],
    },
    {
      ...tcp,
      name: 'a question to a BitTorrent tracker',
      application: 'bittorrent',
      said: [['client', 'GET /announce?info_hash=%01bcdefghijklmnopqrs%ff HTTP/1.1\r\n\r\n']],
      metadata: { infoHash: '0162636465666768696a6b6c6d6e6f70717273ff' },
    },
  ],
  [
    { ...tcp, name: 'SIP', said: [['client', 'OPTIONS sip:a@example.test SIP/2.0\r\n\r\n']] },
    { ...tcp, name: 'a word', said: [['client', 'GETTING started\r\n']] },
    {
      ...tcp,
      name: 'settings, and a client that speaks something else',
      said: [
        ['server', hex('000000040000000000')],
        ['client', hex('000000040000000000')],
      ],
    },
  ]
)

conforms(
  websocket,
  [
    {
      ...tcp,
      name: 'frames under way',
      said: [
        ['server', hex('81 05 68656c6c6f')],
        ['client', hex('81 85 01020304 6967 6f68 6e')],
      ],
    },
  ],
  [
    {
      ...tcp,
      name: 'frames nobody masks',
      said: [
        ['client', hex('8101 61')],
        ['server', hex('8101 61')],
      ],
    },
  ]
)
