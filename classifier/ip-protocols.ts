/**
 * Protocols that are told by their number over IP alone (IANA's "Assigned Internet Protocol
 * Numbers"): identifier and title.
 */
export const ipProtocols: ReadonlyMap<number, readonly [name: string, title: string]> = new Map([
  [1, ['icmp', 'ICMP']],
  [2, ['igmp', 'IGMP']],
  [4, ['ipip', 'IP in IP']],
  [8, ['egp', 'EGP']],
  [33, ['dccp', 'DCCP']],
  [41, ['6in4', 'IPv6 in IPv4']],
  [46, ['rsvp', 'RSVP']],
  [47, ['gre', 'GRE']],
  [50, ['ipsec', 'IPsec']],
  [51, ['ipsec', 'IPsec']],
  [58, ['icmpv6', 'ICMPv6']],
  [88, ['eigrp', 'EIGRP']],
  [89, ['ospf', 'OSPF']],
  [97, ['etherip', 'EtherIP']],
  [103, ['pim', 'PIM']],
  [108, ['ipcomp', 'IPComp']],
  [112, ['vrrp', 'VRRP']],
  [113, ['pgm', 'PGM']],
  [115, ['l2tp', 'L2TP']],
  [132, ['sctp', 'SCTP']],
  [136, ['udplite', 'UDP-Lite']],
  [137, ['mpls', 'MPLS in IP']],
])
