/**
 * Names of IP protocols that people and connection tracking use, by IANA's "Assigned Internet
 * Protocol Numbers". A number that has no name here is written as the number.
 */
export const protocolNames: Readonly<Record<number, string>> = {
  1: 'icmp',
  2: 'igmp',
  4: 'ipip',
  6: 'tcp',
  17: 'udp',
  33: 'dccp',
  41: 'ipv6',
  47: 'gre',
  50: 'esp',
  51: 'ah',
  58: 'icmpv6',
  89: 'ospf',
  103: 'pim',
  112: 'vrrp',
  113: 'pgm',
  132: 'sctp',
  136: 'udplite',
}

const numbers = new Map(Object.entries(protocolNames).map(([number, name]) => [name, +number]))

/** Spellings in use beside those of {@link protocolNames}. */
const aliases: Readonly<Record<string, string>> = {
  'ipv6-icmp': 'icmpv6',
  icmp6: 'icmpv6',
  'udp-lite': 'udplite',
}

/** Reads a name (in any case) or a number of 0..255; undefined where it is neither. */
export function parseProtocol(text: string): number | undefined {
  if (/^(0|[1-9]\d{0,2})$/.test(text)) return Number(text) <= 255 ? Number(text) : undefined
  const name = text.toLowerCase()
  return numbers.get(Object.hasOwn(aliases, name) ? (aliases[name] ?? name) : name)
}

/** The protocol's name, or its number as text. */
export function formatProtocol(protocol: number): string {
  return protocolNames[protocol] ?? String(protocol)
}
