import type { ProtocolList } from './protocols/protocol.ts'
import { amongUs } from './protocols/among-us.ts'
import { bittorrent } from './protocols/bittorrent.ts'
import { capwap } from './protocols/capwap.ts'
import { dhcp } from './protocols/dhcp.ts'
import { dhcpv6 } from './protocols/dhcpv6.ts'
import { discord } from './protocols/discord.ts'
import { dns } from './protocols/dns.ts'
import { dnscrypt } from './protocols/dnscrypt.ts'
import { dropboxLanSync } from './protocols/dropbox-lan-sync.ts'
import { dtls } from './protocols/dtls.ts'
import { elderScrollsOnline } from './protocols/elder-scrolls-online.ts'
import { enet } from './protocols/enet.ts'
import { ethereum } from './protocols/ethereum.ts'
import { ftpData } from './protocols/ftp-data.ts'
import { ftp } from './protocols/ftp.ts'
import { genshinImpact } from './protocols/genshin-impact.ts'
import { gnutella } from './protocols/gnutella.ts'
import { gtp } from './protocols/gtp.ts'
import { h323 } from './protocols/h323.ts'
import { http } from './protocols/http.ts'
import { ike } from './protocols/ike.ts'
import { imap } from './protocols/imap.ts'
import { l2tp } from './protocols/l2tp.ts'
import { llmnr } from './protocols/llmnr.ts'
import { mdns } from './protocols/mdns.ts'
import { megaco } from './protocols/megaco.ts'
import { mgcp } from './protocols/mgcp.ts'
import { minecraft } from './protocols/minecraft.ts'
import { mumble } from './protocols/mumble.ts'
import { netbios } from './protocols/netbios.ts'
import { nintendo } from './protocols/nintendo.ts'
import { nntp } from './protocols/nntp.ts'
import { ntp } from './protocols/ntp.ts'
import { oicq } from './protocols/oicq.ts'
import { openvpn } from './protocols/openvpn.ts'
import { pfcp } from './protocols/pfcp.ts'
import { photon } from './protocols/photon.ts'
import { pop3 } from './protocols/pop3.ts'
import { pptp } from './protocols/pptp.ts'
import { quake } from './protocols/quake.ts'
import { quic } from './protocols/quic.ts'
import { raknet } from './protocols/raknet.ts'
import { riotGames } from './protocols/riot-games.ts'
import { rtcp } from './protocols/rtcp.ts'
import { rtmp } from './protocols/rtmp.ts'
import { rtp } from './protocols/rtp.ts'
import { rtsp } from './protocols/rtsp.ts'
import { sip } from './protocols/sip.ts'
import { skinny } from './protocols/skinny.ts'
import { slp } from './protocols/slp.ts'
import { smb } from './protocols/smb.ts'
import { smtp } from './protocols/smtp.ts'
import { snmp } from './protocols/snmp.ts'
import { socks } from './protocols/socks.ts'
import { sourceEngine } from './protocols/source-engine.ts'
import { spotify } from './protocols/spotify.ts'
import { ssdp } from './protocols/ssdp.ts'
import { ssh } from './protocols/ssh.ts'
import { steam } from './protocols/steam.ts'
import { stun } from './protocols/stun.ts'
import { syslog } from './protocols/syslog.ts'
import { tailscale } from './protocols/tailscale.ts'
import { teamspeak } from './protocols/teamspeak.ts'
import { telegram } from './protocols/telegram.ts'
import { tencentGames } from './protocols/tencent-games.ts'
import { teredo } from './protocols/teredo.ts'
import { tftp } from './protocols/tftp.ts'
import { threema } from './protocols/threema.ts'
import { tinc } from './protocols/tinc.ts'
import { tls } from './protocols/tls.ts'
import { viber } from './protocols/viber.ts'
import { websocket } from './protocols/websocket.ts'
import { whatsapp } from './protocols/whatsapp.ts'
import { wireguard } from './protocols/wireguard.ts'
import { worldOfWarcraft } from './protocols/world-of-warcraft.ts'
import { xiaomiPush } from './protocols/xiaomi-push.ts'
import { zabbix } from './protocols/zabbix.ts'
import { zerotier } from './protocols/zerotier.ts'
import { zoom } from './protocols/zoom.ts'

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
  genshinImpact,
  gnutella,
  gtp,
  h323,
  ike,
  imap,
  l2tp,
  megaco,
  mgcp,
  netbios,
  nintendo,
  nntp,
  pfcp,
  pop3,
  pptp,
  quake,
  raknet,
  rtsp,
  sip,
  slp,
  smb,
  smtp,
  snmp,
  sourceEngine,
  spotify,
  ssdp,
  ssh,
  bittorrent,
  steam,
  tailscale,
  teamspeak,
  telegram,
  teredo,
  whatsapp,
  wireguard,
  worldOfWarcraft,
  xiaomiPush,
  zabbix,
  zoom,
  // Patterns and lengths.
  amongUs,
  dhcpv6,
  dnscrypt,
  elderScrollsOnline,
  enet,
  ethereum,
  ftpData,
  minecraft,
  mumble,
  ntp,
  oicq,
  openvpn,
  photon,
  riotGames,
  rtcp,
  rtmp,
  rtp,
  skinny,
  socks,
  syslog,
  tencentGames,
  tftp,
  threema,
  tinc,
  viber,
  websocket,
  zerotier,
]
