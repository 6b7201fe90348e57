import { xmpp } from '../../../classifier/protocols/xmpp.ts'
import { conforms } from './conformance.ts'
import { tlsHello } from './tls-hello.ts'

const head = "<?xml version='1.0'?>"
const open = "<stream:stream to='example.net' xmlns='jabber:client' version='1.0'>"

conforms(
  xmpp,
  [
    {
      name: 'TLS that is started',
      transport: 'tcp',
      port: 5223,
      said: [
        ['client', head + open],
        ['server', `${head}<stream:stream from='example.net' id='1'><stream:features/>`],
        ['client', "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"],
        ['server', "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"],
        ['client', tlsHello('xmpp.example.net')],
      ],
      metadata: { hostname: 'xmpp.example.net' },
      risks: [],
    },
    {
      name: 'a password in the clear',
      transport: 'tcp',
      port: 5222,
      said: [
        ['client', open],
        [
          'client',
          `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${btoa('\0alice\0secret')}</auth>`,
        ],
      ],
      metadata: { hostname: 'example.net', userName: 'alice' },
      risks: ['clear-text-credentials'],
    },
    {
      name: 'a stream under way',
      transport: 'tcp',
      port: 5222,
      said: [['client', "<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>"]],
      confidence: 95,
    },
  ],
  [
    {
      name: 'a page',
      transport: 'tcp',
      port: 5222,
      said: [['client', '<?xml version="1.0"?><html><body/></html>']],
    },
    { name: 'another tag', transport: 'tcp', port: 5222, said: [['client', '<iqs are here>']] },
  ]
)
