import type { ProtocolList } from './protocols/protocol.ts'
import { bittorrent } from './protocols/bittorrent.ts'
import { discord } from './protocols/discord.ts'
import { dns } from './protocols/dns.ts'
import { dropboxLanSync } from './protocols/dropbox-lan-sync.ts'
import { dtls } from './protocols/dtls.ts'
import { ethereum } from './protocols/ethereum.ts'
import { ftpData } from './protocols/ftp-data.ts'
import { ftp } from './protocols/ftp.ts'
import { gnutella } from './protocols/gnutella.ts'
import { http } from './protocols/http.ts'
import { ike } from './protocols/ike.ts'
import { imap } from './protocols/imap.ts'
import { llmnr } from './protocols/llmnr.ts'
import { mdns } from './protocols/mdns.ts'
import { nntp } from './protocols/nntp.ts'
import { pop3 } from './protocols/pop3.ts'
import { quic } from './protocols/quic.ts'
import { slp } from './protocols/slp.ts'
import { smtp } from './protocols/smtp.ts'
import { sourceEngine } from './protocols/source-engine.ts'
import { ssdp } from './protocols/ssdp.ts'
import { ssh } from './protocols/ssh.ts'
import { stun } from './protocols/stun.ts'
import { tls } from './protocols/tls.ts'
import { websocket } from './protocols/websocket.ts'
import { whatsapp } from './protocols/whatsapp.ts'
import { zabbix } from './protocols/zabbix.ts'

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
  discord,
  dropboxLanSync,
  ftp,
  gnutella,
  ike,
  imap,
  nntp,
  pop3,
  slp,
  smtp,
  sourceEngine,
  ssdp,
  ssh,
  bittorrent,
  whatsapp,
  zabbix,
  // Patterns and lengths.
  ethereum,
  ftpData,
  websocket,
]
