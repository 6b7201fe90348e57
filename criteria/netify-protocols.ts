/**
 * Protocols as Netify's agent numbers and names them (numbers are nDPI's), and our identifiers.
 * Its `HTTP/S` is HTTP over TLS, whichever transport carries that.
 */
const table: readonly (readonly [id: number, name: string, ...ours: string[]])[] = [
  [1, 'FTP/C', 'ftp'],
  [2, 'POP3', 'pop3'],
  [3, 'SMTP', 'smtp'],
  [4, 'IMAP', 'imap'],
  [5, 'DNS', 'dns'],
  [6, 'IPP', 'ipp'],
  [7, 'HTTP', 'http'],
  [8, 'MDNS', 'mdns'],
  [9, 'NTP', 'ntp'],
  [10, 'NETBIOS', 'netbios'],
  [11, 'NFS', 'nfs'],
  [12, 'SSDP', 'ssdp'],
  [13, 'BGP', 'bgp'],
  [14, 'SNMP', 'snmp'],
  [16, 'SMB/v1', 'smbv1', 'smb'],
  [17, 'SYSLOG', 'syslog'],
  [18, 'DHCP', 'dhcp'],
  [19, 'PGSQL', 'postgres', 'postgresql'],
  [20, 'MYSQL', 'mysql'],
  [21, 'FTPS', 'ftps', 'ftp'],
  [23, 'POP3/S', 'pop3', 'tls'],
  [27, 'COAP', 'coap'],
  [29, 'SMTP/S', 'smtp', 'tls'],
  [37, 'BITTORRENT', 'bittorrent'],
  [39, 'SIGNAL', 'signal-call', 'signal'],
  [41, 'SMB/v2', 'smbv23', 'smb'],
  [51, 'IMAP/S', 'imap', 'tls'],
  [65, 'IRC', 'irc'],
  [67, 'XMPP', 'xmpp', 'jabber'],
  [77, 'TELNET', 'telnet'],
  [78, 'STUN', 'stun'],
  [79, 'IPSEC', 'ipsec', 'ike'],
  [80, 'GRE', 'gre'],
  [81, 'ICMP', 'icmp'],
  [82, 'IGMP', 'igmp'],
  [83, 'EGP', 'egp'],
  [84, 'SCTP', 'sctp'],
  [85, 'OSPF', 'ospf'],
  [86, 'IP/IP', 'ipip'],
  [87, 'RTP', 'rtp'],
  [88, 'RDP', 'rdp'],
  [89, 'VNC', 'vnc'],
  [91, 'TLS', 'tls'],
  [92, 'SSH', 'ssh'],
  [93, 'NNTP', 'nntp'],
  [96, 'TFTP', 'tftp'],
  [100, 'SIP', 'sip'],
  [102, 'ICMP/v6', 'icmpv6'],
  [103, 'DHCP/v6', 'dhcpv6'],
  [111, 'KERBEROS', 'kerberos'],
  [112, 'LDAP', 'ldap'],
  [114, 'MSSQL/TDS', 'tds', 'mssql'],
  [115, 'PPTP', 'pptp'],
  [127, 'DCE/RPC', 'rpc', 'dcerpc', 'dce-rpc'],
  [128, 'NETFLOW', 'netflow'],
  [129, 'SFLOW', 'sflow'],
  [130, 'HTTP/Connect', 'http-connect'],
  [131, 'HTTP/Proxy', 'http-proxy'],
  [146, 'RADIUS', 'radius'],
  [159, 'OPENVPN', 'openvpn'],
  [172, 'SOCKS', 'socks'],
  [174, 'RTMP', 'rtmp'],
  [188, 'QUIC', 'quic'],
  [196, 'HTTP/S', 'tls', 'quic'],
  [206, 'WIREGUARD', 'wireguard'],
  [222, 'MQTT', 'mqtt'],
]

/** Ours by theirs: by name in lower case, and by number as text. */
export const netifyProtocols: ReadonlyMap<string, readonly string[]> = new Map(
  table.flatMap(([id, name, ...ours]) => [
    [name.toLowerCase(), ours] as const,
    [String(id), ours] as const,
  ])
)

/** Our identifier of the protocol that Netify numbers so. */
export function netifyProtocolById(id: number): string | undefined {
  return netifyProtocols.get(String(id))?.[0]
}

const first = new Map<string, readonly [id: number, name: string]>()
for (const [id, name, ours = ''] of table) if (!first.has(ours)) first.set(ours, [id, name])

/** Numbers that no list gives begin here. */
const firstOwn = 1 << 15

/** Number and name under which Netify's users know a protocol of ours. */
export function netifyProtocolOf(ours: string): readonly [id: number, name: string] {
  if (ours === 'unknown') return [0, 'Unknown']
  const known = first.get(ours)
  if (known !== undefined) return known
  let hash = 0x811c9dc5
  for (let i = 0; i < ours.length; i++) hash = Math.imul(hash ^ ours.charCodeAt(i), 0x01000193)
  return [firstOwn + (((hash ^ (hash >>> 15)) >>> 0) % firstOwn), ours.toUpperCase()]
}
