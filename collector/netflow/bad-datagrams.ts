import type { Arrival } from './arrival.ts'
import type { BadDatagram, Exporter } from './exporter.ts'
import { maxBadBytes, maxBadDatagrams, maxBadTogether } from './limits.ts'

let together = 0

/** Keeps a datagram that could not be read whole; the oldest of its exporter make room. */
export function keepBad(
  exporter: Exporter,
  view: DataView,
  from: number,
  to: number,
  reason: string,
  { atUs, port }: Arrival
): void {
  const length = to - from
  while (
    exporter.bad.length >= maxBadDatagrams ||
    (exporter.bad.length > 0 && exporter.badBytes + length > maxBadBytes)
  ) {
    const oldest = exporter.bad.shift()
    const freed = oldest?.bytes.length ?? 0
    exporter.badBytes -= freed
    together -= freed
  }
  if (together + length > maxBadTogether) return
  const bytes = Buffer.from(Buffer.from(view.buffer, view.byteOffset + from, length))
  exporter.bad.push({ atUs, reason, port, bytes })
  exporter.badBytes += length
  together += length
}

/*
 * pcap (tcpdump.org, pcap-savefile(5)), little-endian
 *   file    u32 magic | u16 major 2 | u16 minor 4 | u32 0 | u32 0 | u32 snap length | u32 link type
 *   packet  u32 seconds | u32 microseconds | u32 octets here | u32 octets on the wire
 * Link type 101: each packet begins with its IP header.
 */
const magic = 0xa1b2c3d4
const linkRaw = 101

/** The datagrams as a capture that any analyser opens, from the exporter to port 2055. */
export function badAsPcap(exporter: Exporter, bad: readonly BadDatagram[]): Buffer {
  const head = Buffer.alloc(24)
  head.writeUInt32LE(magic, 0)
  head.writeUInt16LE(2, 4)
  head.writeUInt16LE(4, 6)
  head.writeUInt32LE(0x40000, 16)
  head.writeUInt32LE(linkRaw, 20)
  return Buffer.concat([head, ...bad.map((datagram) => packetOf(exporter, datagram))])
}

function packetOf({ address }: Exporter, { atUs, port, bytes }: BadDatagram): Buffer {
  const isV4 = address[0] === 0 && address[1] === 0 && address[2] === 0xffff
  const ipBytes = isV4 ? 20 : 40
  const length = ipBytes + 8 + bytes.length
  const packet = Buffer.alloc(16 + ipBytes + 8)
  packet.writeUInt32LE(Math.floor(atUs / 1e6), 0)
  packet.writeUInt32LE(Math.floor(atUs % 1e6), 4)
  packet.writeUInt32LE(length, 8)
  packet.writeUInt32LE(length, 12)
  if (isV4) {
    packet.writeUInt16BE(0x4500, 16)
    packet.writeUInt16BE(Math.min(0xffff, length), 18)
    packet.writeUInt16BE(0x4011, 24)
    packet.writeUInt32BE(address[3], 28)
  } else {
    packet.writeUInt32BE(0x60000000, 16)
    packet.writeUInt16BE(Math.min(0xffff, 8 + bytes.length), 20)
    packet.writeUInt16BE(0x1140, 22)
    for (const [index, word] of address.entries()) packet.writeUInt32BE(word, 24 + 4 * index)
  }
  const udp = 16 + ipBytes
  packet.writeUInt16BE(port, udp)
  packet.writeUInt16BE(2055, udp + 2)
  packet.writeUInt16BE(Math.min(0xffff, 8 + bytes.length), udp + 4)
  return Buffer.concat([packet, bytes])
}
