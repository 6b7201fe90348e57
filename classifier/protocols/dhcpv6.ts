import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 8415 §8, between clients and servers, and §9, between relays and servers:
 *
 *    0            1                 4
 *   | type 1..11 | transaction (3) | options |
 *
 *    0          1      2              18            34
 *   | 12 or 13 | hops | link address | peer address | options |
 *
 * Options fill the rest exactly: | code (2) | length (2) | value |. Those read here: 6 options
 * asked for, 16 class of the vendor (§21.16), 39 full name (RFC 4704).
 */
const maxType = 36
const relayTypes = new Set([12, 13])
const maxOptions = 64

function optionsOf(bytes: Bytes): Map<number, Bytes> | undefined {
  const options = new Map<number, Bytes>()
  let at = relayTypes.has(bytes.u8(0)) ? 34 : 4
  for (let i = 0; i < maxOptions && at < bytes.wireLength; i++) {
    // What the capture cut off cannot be walked.
    if (at + 4 > bytes.length) return bytes.length < bytes.wireLength ? options : undefined
    const length = bytes.u16(at + 2)
    options.set(bytes.u16(at), bytes.slice(at + 4, at + 4 + length))
    at += 4 + length
  }
  return at === bytes.wireLength || bytes.length < bytes.wireLength ? options : undefined
}

/** The labels of a name without the root. */
function nameOf(value: Bytes): string {
  const labels: string[] = []
  let at = 1
  while (value.u8(at) > 0 && value.u8(at) < 64 && labels.length < 32) {
    labels.push(value.text(at + 1, at + 1 + value.u8(at)))
    at += 1 + value.u8(at)
  }
  const name = labels.join('.').toLowerCase()
  return /^[\x21-\x7e]+$/.test(name) ? name : ''
}

function metadataOf(options: ReadonlyMap<number, Bytes>): Metadata {
  const [asked, kind, full] = [6, 16, 39].map((code) => options.get(code))
  const hostname = full === undefined ? '' : nameOf(full)
  const list = Array.from({ length: (asked?.length ?? 0) >> 1 }, (_, i) => asked?.u16(2 * i))
  // Behind the number of the enterprise: the first class, with its length.
  const dhcpClass = kind?.text(6, 6 + kind.u16(4)).replaceAll(/[^\x20-\x7e]/g, '') ?? ''
  return {
    ...(hostname === '' ? {} : { hostname }),
    ...(list.length === 0 ? {} : { dhcpFingerprint: list.join(',') }),
    ...(dhcpClass === '' ? {} : { dhcpClass }),
  }
}

function classify(flow: FlowView): Answer {
  const [first] = flow.datagrams
  if (first === undefined || !(flow.hasPort(546) || flow.hasPort(547))) return 'never'
  const type = first.bytes.u8(0)
  if (type < 1 || type > maxType) return 'never'
  const options = optionsOf(first.bytes)
  if (options === undefined) return 'never'
  return {
    confidence: 95,
    evidence: `DHCPv6 message type ${type}`,
    metadata: metadataOf(options),
  }
}

export const dhcpv6: Protocol = {
  name: 'dhcpv6',
  title: 'DHCPv6',
  category: 'network',
  transports: ['udp'],
  ports: { udp: [546, 547] },
  classify,
}
