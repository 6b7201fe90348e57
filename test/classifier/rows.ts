import { hex, latin1 } from './protocols/talk.ts'
import type { Said } from './protocols/talk.ts'

/** A minimal exchange, and the names that it may have among all protocols. */
export type Row = readonly [
  names: string,
  transport: 'tcp' | 'udp',
  port: number,
  ...said: readonly (Uint8Array | string)[],
]

/** Texts in turn: the client's, the server's, the client's ... An empty one says nothing. */
export const inTurn = (texts: readonly (Uint8Array | string)[]): Said[] =>
  texts
    .map((text, i): Said => [i % 2 === 0 ? 'client' : 'server', text])
    .filter(([, text]) => text.length > 0)

const z = (count: number): string => '00'.repeat(count)
/** Text behind a length of two octets, big endian. */
const sized = (text: string): string =>
  text.length.toString(16).padStart(4, '0') + Buffer.from(text).toString('hex')
const textHex = (text: string): string => Buffer.from(text).toString('hex')

const dnsQuery = hex(`1234 0100 0001 0000 0000 0000 03777777076578616d706c6503636f6d00 0001 0001`)
const dnsAnswer = hex(
  `1234 8180 0001 0001 0000 0000 03777777076578616d706c6503636f6d00 0001 0001 c00c 0001 0001 0000003c 0004 cb007105`
)
const cookie = '2112a442'
const oldId = '0123456789abcdef0123456789abcdef'

const web: readonly Row[] = [
  ['http', 'tcp', 80, 'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\n'],
  [
    'http2',
    'tcp',
    80,
    latin1('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'),
    hex('000000040000000000'),
  ],
  [
    'websocket',
    'tcp',
    80,
    'GET /chat HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
  ],
  [
    'http',
    'tcp',
    80,
    'GET /chat HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    'HTTP/1.1 400 Bad Request\r\n\r\n',
  ],
]

const naming: readonly Row[] = [
  ['dns', 'udp', 53, dnsQuery, dnsAnswer],
  ['dns', 'tcp', 53, hex(`0021 ${Buffer.from(dnsQuery).toString('hex')}`), ''],
  ['dhcp', 'udp', 67, hex(`01010600 deadbeef ${z(28)} ${z(200)} 63825363 350101 37020103 ff`)],
  ['dhcpv6', 'udp', 547, hex('01 102030 0001 000a 0003 0001 020000000001 0006 0002 0017')],
  ['ntp', 'udp', 123, hex(`1b ${z(39)} e1b2c3d400000000`), hex(`1c 02 06 e9 ${z(44)}`)],
  [
    'snmp',
    'udp',
    161,
    hex(
      '3026 020101 04067075626c6963 a019 020101 020100 020100 300e 300c 06082b06010201010100 0500'
    ),
  ],
  ['nat-pmp', 'udp', 5351, hex('0000'), hex('0080 0000 00000001 cb007101')],
]

const calls: readonly Row[] = [
  ['stun', 'udp', 3478, hex(`0001 0000 ${cookie} 0102030405060708090a0b0c`)],
  ['stun', 'udp', 19_302, hex(`0001 0000 ${oldId}`)],
  [
    'stun',
    'udp',
    41_000,
    hex(`0001 0000 ${oldId}`),
    hex(`0101 000c ${oldId} 0001 0008 0001 9c40 c0000201`),
  ],
  [
    'rtcp',
    'udp',
    5005,
    hex(`80c8 0006 00000001 e1b2c3d4 00000000 00000001 00000002 00000003`),
    hex(`80c9 0001 00000002 81ca 0003 00000002 0106 6140622e6300`.slice(0, -2) + '00'),
  ],
  ['rtcp', 'udp', 5005, hex('80c9 0001 00000002 81ca 0003 00000002 0104 61406263 0000')],
  [
    'sip',
    'udp',
    5060,
    'REGISTER sip:a.example SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1\r\nTo: <sip:b@a.example>\r\n\r\n',
    'SIP/2.0 200 OK\r\n\r\n',
  ],
  [
    'rtsp',
    'tcp',
    554,
    'OPTIONS rtsp://a.example/ RTSP/1.0\r\nCSeq: 1\r\n\r\n',
    'RTSP/1.0 200 OK\r\n\r\n',
  ],
]

const tunnels: readonly Row[] = [
  [
    'wireguard',
    'udp',
    51_820,
    hex(`01000000 0a0b0c0d ${'5a'.repeat(140)}`),
    hex(`02000000 01020304 0a0b0c0d ${'6b'.repeat(80)}`),
  ],
  [
    'openvpn',
    'udp',
    1194,
    hex(`38 0102030405060708 00 00000000`),
    hex(`40 1112131415161718 01 00000000 0102030405060708 00000000`),
  ],
  [
    'ike',
    'udp',
    500,
    hex(`0102030405060708 ${z(8)} 21 20 22 08 00000000 00000024 00000008 00000000`),
  ],
  ['l2tp', 'udp', 1701, hex('c802 0014 0000 0000 0000 0000 8008 0000 0000 0001')],
  [
    'pptp',
    'tcp',
    1723,
    hex(`009c 0001 1a2b3c4d 0001 0000 0100 0000 00000001 00000001 0000 0001 ${z(128)}`),
  ],
  ['socks4|socks', 'tcp', 1080, hex('0401 0050 cb007101 00'), hex(`005a ${z(6)}`)],
  ['socks5|socks', 'tcp', 1080, hex('050100'), hex('0500')],
  ['teredo', 'udp', 3544, hex(`6000 0000 0000 3b15 fe80${z(6)}0000ffffffffffff ff02${z(13)}02`)],
  ['tailscale', 'udp', 41_641, hex(`5453f09f92ac ${'5a'.repeat(32)} ${'6b'.repeat(60)}`)],
]

const files: readonly Row[] = [
  ['bittorrent', 'tcp', 6881, latin1(`\x13BitTorrent protocol${'\0'.repeat(8)}${'a'.repeat(40)}`)],
  ['bittorrent', 'udp', 6881, 'd1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe'],
  ['ftp', 'tcp', 21, '', '220 ready\r\n', 'USER a\r\n', '331 password\r\n'],
  ['tftp', 'udp', 69, hex(`0001 ${textHex('a.txt')} 00 ${textHex('octet')} 00`), ''],
  ['smb', 'tcp', 445, hex(`00000040 fe534d42 4000 ${z(58)}`)],
  ['gnutella', 'tcp', 6346, 'GNUTELLA CONNECT/0.6\r\nUser-Agent: a\r\n\r\n'],
]

const people: readonly Row[] = [
  ['ssh', 'tcp', 22, 'SSH-2.0-OpenSSH_9.2\r\n', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['telnet', 'tcp', 23, hex('fffd03fffb18'), hex('fffb03fffd18')],
  ['rdp', 'tcp', 3389, hex('0300 0013 0e e0 0000 0000 00 01 00 0800 03000000'), ''],
  ['vnc', 'tcp', 5900, '', 'RFB 003.008\n', 'RFB 003.008\n'],
  ['smtp', 'tcp', 25, '', '220 a.example ESMTP\r\n', 'EHLO b.example\r\n', '250 a.example\r\n'],
  ['pop3', 'tcp', 110, '', '+OK ready\r\n', 'USER a\r\n', '+OK\r\n'],
  [
    'imap',
    'tcp',
    143,
    '',
    '* OK IMAP4rev1 ready\r\n',
    'a1 CAPABILITY\r\n',
    '* CAPABILITY IMAP4rev1\r\n',
  ],
  [
    'xmpp',
    'tcp',
    5222,
    "<?xml version='1.0'?><stream:stream to='a.example' xmlns='jabber:client'>",
  ],
  ['irc', 'tcp', 6667, 'NICK a\r\nUSER a 0 * :a\r\n', ':irc.example NOTICE * :hello\r\n'],
  ['whatsapp', 'tcp', 5222, hex('4544 0001 000004 08020802 5741 0602 00000a 12080a06010203040506')],
  ['whatsapp', 'tcp', 443, hex('5741 0105 000010 0801080208030804'), ''],
  ['viber', 'tcp', 4244, hex('1800 00000000 fcff 0380 0900 0000000000000000 33000000')],
  ['viber', 'udp', 7985, hex(`1234 0900 ${'5a'.repeat(16)}`)],
]

const things: readonly Row[] = [
  ['mqtt', 'tcp', 1883, hex(`10 10 ${sized('MQTT')} 04 02 003c ${sized('abcd')}`), hex('20020000')],
  ['coap', 'udp', 5683, hex('40011234 b4 74657374'), hex('60451234 ff 6f6b')],
  ['amqp', 'tcp', 5672, latin1('AMQP\0\0\x09\x01')],
  [
    'modbus',
    'tcp',
    502,
    hex('0001 0000 0006 01 03 0000 000a'),
    hex('0001 0000 0005 01 03 02 0001'),
  ],
  ['dnp3', 'tcp', 20_000, hex('0564 05 c0 0100 0004 e921')],
  ['iec-104', 'tcp', 2404, hex('6804 07000000'), hex('6804 0b000000')],
  ['bacnet', 'udp', 47_808, hex('810b 000c 0120ffff00ff 1008')],
  [
    'opc-ua',
    'tcp',
    4840,
    latin1('HELF\x20\0\0\0\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0'),
  ],
]

const data: readonly Row[] = [
  [
    'mysql',
    'tcp',
    3306,
    '',
    hex(
      `49000000 0a 382e302e3000 08000000 ${'41'.repeat(8)} 00 fff7 21 0200 0f80 15 ${z(10)} ${'42'.repeat(12)} 00 ${textHex('mysql_native_password')} 00`
    ),
  ],
  ['postgresql', 'tcp', 5432, hex('00000008 04d2162f'), 'S'],
  ['postgresql', 'tcp', 5432, hex('00000008 04d2162f'), 'N'],
  ['postgresql', 'tcp', 5432, hex('00000008 04d2162f')],
  [
    'postgresql',
    'tcp',
    5432,
    hex(`00000013 00030000 ${textHex('user')}00${textHex('joe')}00 00 00`.replace('00 00', '0000')),
    hex('52 00000008 00000000'),
  ],
  [
    'tds',
    'tcp',
    1433,
    hex('1201 0019 0000 0100 00 000b 0006 01 0011 0001 ff 0f000000 0000 00'),
    '',
  ],
  [
    'mongodb',
    'tcp',
    27_017,
    hex(
      `3a000000 01000000 00000000 d4070000 00000000 ${textHex('admin.$cmd')}00 00000000 ffffffff 13000000 10 ${textHex('ismaster')}00 01000000 00`
    ),
  ],
  ['redis', 'tcp', 6379, '*1\r\n$4\r\nPING\r\n', '+PONG\r\n'],
  ['memcached', 'tcp', 11_211, 'get a\r\n', 'END\r\n'],
  [
    'ldap',
    'tcp',
    389,
    hex('300c 020101 6007 020103 0400 8000'),
    hex('300c 020101 6107 0a0100 0400 0400'),
  ],
  ['radius', 'udp', 1812, hex(`01 05 001a ${'5a'.repeat(16)} 0106 61626364`)],
  ['syslog', 'udp', 514, '<34>1 2003-10-11T22:14:15.003Z a.example su - ID47 - failed'],
  ['bgp', 'tcp', 179, hex(`${'ff'.repeat(16)} 001d 01 04 fde8 00b4 c0000201 00`)],
  ['rtmp', 'tcp', 1935, hex(`03 00000000 00000000 ${'5a'.repeat(1528)}`)],
  ['bitcoin', 'tcp', 8333, hex(`f9beb4d9 ${textHex('verack')}${z(6)} 00000000 5df6e0e2`)],
  ['source-engine', 'udp', 27_015, hex(`ffffffff 54 ${textHex('Source Engine Query')} 00`)],
  ['raknet|minecraft', 'udp', 19_132, hex(`01 ${z(8)} 00ffff00fefefefefdfdfdfd12345678 ${z(8)}`)],
  ['gtp|gtp-u', 'udp', 2152, hex('32 01 0004 00000000 0001 0000')],
  ['spotify', 'udp', 57_621, latin1(`SpotUdp0${'\0'.repeat(36)}`)],
  ['steam', 'udp', 27_036, hex(`ffffffff214c5fa0 05000000 08e5a9b1c2 02000000 0800`)],
]

export const rows: readonly Row[] = [
  ...web,
  ...naming,
  ...calls,
  ...tunnels,
  ...files,
  ...people,
  ...things,
  ...data,
]
