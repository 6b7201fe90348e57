import type { ProtocolList } from './protocols/protocol.ts'
import { bittorrent } from './protocols/bittorrent.ts'
import { capwap } from './protocols/capwap.ts'
import { dhcp } from './protocols/dhcp.ts'
import { dhcpv6 } from './protocols/dhcpv6.ts'
import { discord } from './protocols/discord.ts'
import { dns } from './protocols/dns.ts'
import { dnscrypt } from './protocols/dnscrypt.ts'
import { dropboxLanSync } from './protocols/dropbox-lan-sync.ts'
import { dtls } from './protocols/dtls.ts'
import { ethereum } from './protocols/ethereum.ts'
import { ftpData } from './protocols/ftp-data.ts'
import { ftp } from './protocols/ftp.ts'
import { gnutella } from './protocols/gnutella.ts'
import { gtp } from './protocols/gtp.ts'
import { http } from './protocols/http.ts'
import { ike } from './protocols/ike.ts'
import { imap } from './protocols/imap.ts'
import { l2tp } from './protocols/l2tp.ts'
import { llmnr } from './protocols/llmnr.ts'
import { mdns } from './protocols/mdns.ts'
import { netbios } from './protocols/netbios.ts'
import { nntp } from './protocols/nntp.ts'
import { ntp } from './protocols/ntp.ts'
import { openvpn } from './protocols/openvpn.ts'
import { pfcp } from './protocols/pfcp.ts'
import { pop3 } from './protocols/pop3.ts'
import { pptp } from './protocols/pptp.ts'
import { quic } from './protocols/quic.ts'
import { slp } from './protocols/slp.ts'
import { smb } from './protocols/smb.ts'
import { smtp } from './protocols/smtp.ts'
import { snmp } from './protocols/snmp.ts'
import { socks } from './protocols/socks.ts'
import { sourceEngine } from './protocols/source-engine.ts'
import { ssdp } from './protocols/ssdp.ts'
import { ssh } from './protocols/ssh.ts'
import { stun } from './protocols/stun.ts'
import { syslog } from './protocols/syslog.ts'
import { tailscale } from './protocols/tailscale.ts'
import { teredo } from './protocols/teredo.ts'
import { tftp } from './protocols/tftp.ts'
import { tinc } from './protocols/tinc.ts'
import { tls } from './protocols/tls.ts'
import { websocket } from './protocols/websocket.ts'
import { whatsapp } from './protocols/whatsapp.ts'
import { wireguard } from './protocols/wireguard.ts'
import { zabbix } from './protocols/zabbix.ts'
import { zerotier } from './protocols/zerotier.ts'

/**
 * Every protocol: one file each, one line here. Of two that match a flow equally well the first
 * wins, so those with a magic of their own stand before those with a pattern.
 */
export const protocols: ProtocolList = [
  // The bulk of all traffic, each with a beginning of its own.
  tls,
  quic,
  http,
  dns,
  mdns,
  llmnr,
  dtls,
  stun,
  // Magic numbers and fixed words.
  capwap,
  dhcp,
  discord,
  dropboxLanSync,
  ftp,
  gnutella,
  gtp,
  ike,
  imap,
  l2tp,
  netbios,
  nntp,
  pfcp,
  pop3,
  pptp,
  slp,
  smb,
  smtp,
  snmp,
  sourceEngine,
  ssdp,
  ssh,
  bittorrent,
  tailscale,
  teredo,
  whatsapp,
  wireguard,
  zabbix,
  // Patterns and lengths.
  dhcpv6,
  dnscrypt,
  ethereum,
  ftpData,
  ntp,
  openvpn,
  socks,
  syslog,
  tftp,
  tinc,
  websocket,
  zerotier,
]
