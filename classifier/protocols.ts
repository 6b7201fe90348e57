import type { ProtocolList } from './protocols/protocol.ts'
import { bittorrent } from './protocols/bittorrent.ts'
import { dns } from './protocols/dns.ts'
import { dtls } from './protocols/dtls.ts'
import { http } from './protocols/http.ts'
import { llmnr } from './protocols/llmnr.ts'
import { mdns } from './protocols/mdns.ts'
import { quic } from './protocols/quic.ts'
import { ssh } from './protocols/ssh.ts'
import { stun } from './protocols/stun.ts'
import { tls } from './protocols/tls.ts'
import { websocket } from './protocols/websocket.ts'

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
  ssh,
  bittorrent,
  // Patterns and lengths.
  websocket,
]
