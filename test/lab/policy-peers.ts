/**
 * What the clients and the server of the policy lab run, as programs for `node -e`: they start in
 * an instant. Connections are kept alive by a few octets every 50 ms, each way.
 */

/** `node -e serverCode KEY CERTIFICATE`; TLS on 443 and 8801, torrents on 6881, echo on 7000. */
export const serverCode = `
const tls = require('node:tls'), net = require('node:net'), dgram = require('node:dgram')
const { readFileSync } = require('node:fs')
const [key, cert] = process.argv.slice(1).map((path) => readFileSync(path))
const echo = (socket) => {
  socket.on('error', () => {})
  socket.on('data', (data) => socket.write(data))
}
for (const port of [443, 8801]) tls.createServer({ key, cert }, echo).listen(port)
net.createServer(echo).listen(7000)
net.createServer((socket) => {
  const timer = setInterval(() => socket.write('have'), 100)
  socket.on('data', (data) => socket.write(data))
  socket.on('error', (error) => {
    clearInterval(timer)
    if (error.code === 'ECONNRESET') console.log('{"reset":6881}')
  })
}).listen(6881)
const wireguard = dgram.createSocket('udp4').bind(51820)
wireguard.on('message', (data, from) => {
  const answer = data[0] === 1 ? Buffer.alloc(92) : Buffer.from(data)
  if (data[0] === 1) {
    answer[0] = 2
    answer.writeUInt32LE(7, 4)
    data.copy(answer, 8, 4, 8)
    answer.fill(0x5a, 12)
  }
  wireguard.send(answer, from.port, from.address)
})
process.stdin.on('end', () => process.exit()).resume()
console.log('{}')`

/**
 * Reads `{"kind", "host", "port", "id"}` a line; writes what becomes of each connection. Kinds: `tls
 * NAME`, `torrent`, `plain`, `wireguard`; `held` is a torrent that begins to talk at `go`.
 */
export const clientCode = `
const tls = require('node:tls'), net = require('node:net'), dgram = require('node:dgram')
const tell = (line) => console.log(JSON.stringify({ ...line, at: Date.now() }))
const torrent = Buffer.concat([Buffer.from('\\x13BitTorrent protocol'), Buffer.alloc(8), Buffer.alloc(40, 0x41)])
function datagrams({ id, host, port }) {
  const socket = dgram.createSocket('udp4')
  let octets = 0, told = 0
  socket.on('error', (error) => tell({ id, error: error.code }))
  socket.on('message', (data) => { octets += data.length })
  socket.connect(port, host, () => {
    const hello = Buffer.alloc(148, 0x33)
    hello.writeUInt32LE(1, 0)
    const data = Buffer.alloc(96, 0x44)
    data.writeUInt32LE(4, 0)
    data.writeUInt32LE(7, 4)
    socket.send(hello)
    setInterval(() => {
      socket.send(data, () => {})
      if (octets > told) tell({ id, octets: (told = octets) })
    }, 50)
  })
}
const held = new Map()
function stream({ id, kind, host, port }) {
  const [what, servername] = kind.split(' ')
  const options = { host, port, servername, rejectUnauthorized: false }
  const socket = what === 'tls' ? tls.connect(options) : net.connect(options)
  let octets = 0, told = 0, timer
  socket.on(what === 'tls' ? 'secureConnect' : 'connect', () => {
    tell({ id, port: socket.localPort })
    const begin = () => {
    if (what !== 'tls' && what !== 'plain') socket.write(torrent)
    timer = setInterval(() => {
      socket.write('ping')
      if (octets > told) tell({ id, octets: (told = octets) })
    }, 50)
    }
    if (what === 'held') held.set(id, begin)
    else begin()
  })
  socket.on('data', (data) => { octets += data.length })
  socket.on('error', (error) => tell({ id, error: error.code }))
  socket.on('close', () => { clearInterval(timer); tell({ id, closed: true }) })
}
require('node:readline').createInterface({ input: process.stdin })
  .on('line', (line) => {
    const wanted = JSON.parse(line)
    if (wanted.kind === 'go') held.get(wanted.id)()
    else if (wanted.kind === 'wireguard') datagrams(wanted)
    else stream(wanted)
  })
  .on('close', () => process.exit())`
