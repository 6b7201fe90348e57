/** Servers of the world for real programs, and how those are started against them. */

/**
 * BitTorrent over TCP: handshakes (BEP 3) of both ends; and a tracker (BEP 3, BEP 23) that names
 * that peer, and says when it was asked.
 */
export const torrent = `
const net = require('node:net'), http = require('node:http'), dgram = require('node:dgram')
const hand = Buffer.concat([Buffer.from('\\x13BitTorrent protocol' + '\\0'.repeat(8)), Buffer.alloc(40, 7)])
const talk = (s) => (s.on('error', () => {}), s.write(hand))
if (process.argv[1] === 'serve') {
  const peer = Buffer.from([203, 0, 113, 1, 6881 >> 8, 6881 & 255])
  const answer = Buffer.concat([Buffer.from('d8:intervali60e5:peers6:'), peer, Buffer.from('e')])
  dgram.createSocket('udp4').bind(6881, '203.0.113.1')
  const tracker = http.createServer((_, response) => response.end(answer, () => console.log('asked')))
  tracker.listen(6969, '203.0.113.1')
  net.createServer(talk).listen(6881, '203.0.113.1', () => console.log('ready'))
} else talk(net.connect(6881, '203.0.113.1'))
`

/** HTTP/1.1 and HTTP/2, both clear and over TLS, and a UDP port that never answers. */
export const web = `
const http = require('node:http'), http2 = require('node:http2'), dgram = require('node:dgram')
const fs = require('node:fs')
const [cert, key] = process.argv.slice(1).map((path) => fs.readFileSync(path))
const answer = (_, response) => response.end('<p>ok</p>')
const at = '198.51.100.2'
dgram.createSocket('udp4').bind(443, at)
http.createServer(answer).listen(8080, at)
http2.createServer(answer).listen(8081, at)
const tls = http2.createSecureServer({ cert, key, allowHTTP1: true }, answer)
tls.listen(443, at, () => console.log('ready'))
`

/**
 * Asks by HTTP/2 without TLS, all in one write; the server says its settings first. curl writes what
 * it asks for after its own: on a busy machine that is past the first packets.
 */
export const askHttp2 = `
const http2 = require('node:http2')
const createConnection = () => require('node:net').connect(8081, '198.51.100.2')
const client = http2.connect('http://en.wikipedia.org:8081', { createConnection })
const request = client.request({ ':path': '/' })
request.on('end', () => client.close()).resume().end()
`

/** A browser that knows one host, and speaks with nobody else. */
export function chromium(profile: string, ...more: readonly string[]): readonly string[] {
  const quiet = ['disable-background-networking', 'disable-component-update', 'no-first-run']
  const plain = ['headless=new', 'no-sandbox', 'disable-gpu', 'ignore-certificate-errors']
  const hosts = 'MAP www.youtube.com 198.51.100.2, MAP * ~NOTFOUND'
  return [
    'timeout',
    '60',
    'chromium',
    `--user-data-dir=${profile}`,
    ...[...quiet, ...plain, ...more].map((flag) => `--${flag}`),
    `--host-resolver-rules=${hosts}`,
    '--dump-dom',
    'https://www.youtube.com/',
  ]
}

/**
 * A client of BitTorrent that asks a tracker and the distributed hash table (BEP 5) for peers, until
 * it is ended.
 */
export function aria2(folder: string): readonly string[] {
  const tracker = encodeURIComponent('http://203.0.113.1:6969/announce')
  const magnet = `magnet:?xt=urn:btih:${'ab12'.repeat(10)}&tr=${tracker}`
  const dht = ['--enable-dht=true', '--dht-entry-point=203.0.113.1:6881']
  const files = [`--dht-file-path=${folder}/dht.dat`, '-d', folder, '--no-conf']
  return ['aria2c', ...dht, ...files, '--listen-port=6999', '--dht-listen-port=6998', magnet]
}
