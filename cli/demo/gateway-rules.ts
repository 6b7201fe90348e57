/** A port of the gateway's first public address that leads to an inside host. */
export interface PortForward {
  readonly protocol: 'tcp' | 'udp'
  readonly publicPort: number
  /** Index of the inside host. */
  readonly host: number
  readonly port: number
}

/** What {@link gatewayRules} makes rules of. */
export interface GatewayRulesInput {
  readonly inside: string
  readonly outsideInterface: string
  /** The pool that inside hosts share; the first one also takes the port forwards. */
  readonly publicAddresses: readonly string[]
  readonly forwards: readonly PortForward[]
  /** Addresses of the inside hosts, which `forwards` name by index. */
  readonly hostAddresses: readonly string[]
}

function forwardRule(first: string, addresses: readonly string[], forward: PortForward): string {
  const address = addresses[forward.host]
  if (address === undefined) throw new RangeError(`There is no inside host ${forward.host}.`)
  const { protocol, publicPort, port } = forward
  return `ip daddr ${first} ${protocol} dport ${publicPort} dnat to ${address}:${port}`
}

/**
 * The ruleset of an ordinary NAT gateway, as nft(8) reads it. The ip6 chain translates nothing:
 * it is there because conntrack follows a family only where some rule asks for it.
 */
export function gatewayRules(input: GatewayRulesInput): string {
  const { inside, outsideInterface, publicAddresses, forwards, hostAddresses } = input
  const first = publicAddresses[0] ?? ''
  const pool = publicAddresses.length === 1 ? first : `${first}-${publicAddresses.at(-1)}`
  const forwardRules = forwards.map((forward) => forwardRule(first, hostAddresses, forward))
  return `
table ip nat {
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    ${forwardRules.join('\n    ')}
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "${outsideInterface}" ip saddr ${inside} snat to ${pool}
  }
}
table ip6 filter {
  chain forward {
    type filter hook forward priority filter; policy accept;
    ct state invalid drop
  }
}
`
}
