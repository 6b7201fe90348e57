import type { ProtocolList } from './protocols/protocol.ts'
import { afp } from './protocols/afp.ts'
import { ajp } from './protocols/ajp.ts'
import { alicloud } from './protocols/alicloud.ts'
import { amongUs } from './protocols/among-us.ts'
import { amqp } from './protocols/amqp.ts'
import { ansiC1222 } from './protocols/ansi-c1222.ts'
import { atg } from './protocols/atg.ts'
import { avast } from './protocols/avast.ts'
import { bacnet } from './protocols/bacnet.ts'
import { battleNet } from './protocols/battle-net.ts'
import { beckhoffAds } from './protocols/beckhoff-ads.ts'
import { bfd } from './protocols/bfd.ts'
import { bgp } from './protocols/bgp.ts'
import { bitcoin } from './protocols/bitcoin.ts'
import { bittorrent } from './protocols/bittorrent.ts'
import { bjnp } from './protocols/bjnp.ts'
import { canOverUdp } from './protocols/can-over-udp.ts'
import { capwap } from './protocols/capwap.ts'
import { cassandra } from './protocols/cassandra.ts'
import { ceph } from './protocols/ceph.ts'
import { chargen } from './protocols/chargen.ts'
import { checkMk } from './protocols/check-mk.ts'
import { cip } from './protocols/cip.ts'
import { ciscoVpn } from './protocols/cisco-vpn.ts'
import { cnpIp } from './protocols/cnp-ip.ts'
import { coap } from './protocols/coap.ts'
import { collectd } from './protocols/collectd.ts'
import { corba } from './protocols/corba.ts'
import { cotp } from './protocols/cotp.ts'
import { cpha } from './protocols/cpha.ts'
import { crossfire } from './protocols/crossfire.ts'
import { dcerpc } from './protocols/dcerpc.ts'
import { dhcp } from './protocols/dhcp.ts'
import { dhcpv6 } from './protocols/dhcpv6.ts'
import { diameter } from './protocols/diameter.ts'
import { dicom } from './protocols/dicom.ts'
import { directConnect } from './protocols/direct-connect.ts'
import { discord } from './protocols/discord.ts'
import { dlep } from './protocols/dlep.ts'
import { dlms } from './protocols/dlms.ts'
import { dnp3 } from './protocols/dnp3.ts'
import { dns } from './protocols/dns.ts'
import { dnscrypt } from './protocols/dnscrypt.ts'
import { doip } from './protocols/doip.ts'
import { drda } from './protocols/drda.ts'
import { dropboxLanSync } from './protocols/dropbox-lan-sync.ts'
import { dtls } from './protocols/dtls.ts'
import { eaq } from './protocols/eaq.ts'
import { echo } from './protocols/echo.ts'
import { edonkey } from './protocols/edonkey.ts'
import { elasticsearch } from './protocols/elasticsearch.ts'
import { elderScrollsOnline } from './protocols/elder-scrolls-online.ts'
import { enet } from './protocols/enet.ts'
import { etherSBus } from './protocols/ether-s-bus.ts'
import { ethereum } from './protocols/ethereum.ts'
import { ethernetGlobalData } from './protocols/ethernet-global-data.ts'
import { ethernetIp } from './protocols/ethernet-ip.ts'
import { fastcgi } from './protocols/fastcgi.ts'
import { finger } from './protocols/finger.ts'
import { fins } from './protocols/fins.ts'
import { fix } from './protocols/fix.ts'
import { flute } from './protocols/flute.ts'
import { foscam } from './protocols/foscam.ts'
import { ftpData } from './protocols/ftp-data.ts'
import { ftp } from './protocols/ftp.ts'
import { gaijin } from './protocols/gaijin.ts'
import { gearman } from './protocols/gearman.ts'
import { genshinImpact } from './protocols/genshin-impact.ts'
import { git } from './protocols/git.ts'
import { gnutella } from './protocols/gnutella.ts'
import { graphite } from './protocols/graphite.ts'
import { gtp } from './protocols/gtp.ts'
import { h323 } from './protocols/h323.ts'
import { hartIp } from './protocols/hart-ip.ts'
import { hislip } from './protocols/hislip.ts'
import { hl7 } from './protocols/hl7.ts'
import { hsrp } from './protocols/hsrp.ts'
import { http } from './protocols/http.ts'
import { huaweiPush } from './protocols/huawei-push.ts'
import { iax } from './protocols/iax.ts'
import { iec104 } from './protocols/iec-104.ts'
import { ike } from './protocols/ike.ts'
import { imap } from './protocols/imap.ts'
import { irc } from './protocols/irc.ts'
import { iscsi } from './protocols/iscsi.ts'
import { javaRmi } from './protocols/java-rmi.ts'
import { jsonRpc } from './protocols/json-rpc.ts'
import { kafka } from './protocols/kafka.ts'
import { kakaotalkLoco } from './protocols/kakaotalk-loco.ts'
import { kcp } from './protocols/kcp.ts'
import { kerberos } from './protocols/kerberos.ts'
import { kismet } from './protocols/kismet.ts'
import { knxnetIp } from './protocols/knxnet-ip.ts'
import { l2tp } from './protocols/l2tp.ts'
import { ldap } from './protocols/ldap.ts'
import { ldp } from './protocols/ldp.ts'
import { libp2p } from './protocols/libp2p.ts'
import { lisp } from './protocols/lisp.ts'
import { llmnr } from './protocols/llmnr.ts'
import { lustre } from './protocols/lustre.ts'
import { mdns } from './protocols/mdns.ts'
import { megaco } from './protocols/megaco.ts'
import { memcached } from './protocols/memcached.ts'
import { merakiCloud } from './protocols/meraki-cloud.ts'
import { mgcp } from './protocols/mgcp.ts'
import { minecraft } from './protocols/minecraft.ts'
import { mining } from './protocols/mining.ts'
import { mmtls } from './protocols/mmtls.ts'
import { mndp } from './protocols/mndp.ts'
import { modbus } from './protocols/modbus.ts'
import { monero } from './protocols/monero.ts'
import { mongodb } from './protocols/mongodb.ts'
import { mpegTs } from './protocols/mpeg-ts.ts'
import { mqtt } from './protocols/mqtt.ts'
import { mumble } from './protocols/mumble.ts'
import { munin } from './protocols/munin.ts'
import { mysql } from './protocols/mysql.ts'
import { nano } from './protocols/nano.ts'
import { natPmp } from './protocols/nat-pmp.ts'
import { nats } from './protocols/nats.ts'
import { netbios } from './protocols/netbios.ts'
import { netcode } from './protocols/netcode.ts'
import { netflow } from './protocols/netflow.ts'
import { nintendo } from './protocols/nintendo.ts'
import { nntp } from './protocols/nntp.ts'
import { nrpe } from './protocols/nrpe.ts'
import { ntp } from './protocols/ntp.ts'
import { oicq } from './protocols/oicq.ts'
import { ookla } from './protocols/ookla.ts'
import { opcUa } from './protocols/opc-ua.ts'
import { openflow } from './protocols/openflow.ts'
import { openvpn } from './protocols/openvpn.ts'
import { openwire } from './protocols/openwire.ts'
import { oracle } from './protocols/oracle.ts'
import { pfcp } from './protocols/pfcp.ts'
import { photon } from './protocols/photon.ts'
import { pop3 } from './protocols/pop3.ts'
import { postgresql } from './protocols/postgresql.ts'
import { pptp } from './protocols/pptp.ts'
import { proxyProtocol } from './protocols/proxy-protocol.ts'
import { ptp } from './protocols/ptp.ts'
import { quake } from './protocols/quake.ts'
import { quic } from './protocols/quic.ts'
import { radius } from './protocols/radius.ts'
import { raknet } from './protocols/raknet.ts'
import { rdp } from './protocols/rdp.ts'
import { redis } from './protocols/redis.ts'
import { riotGames } from './protocols/riot-games.ts'
import { ripeAtlas } from './protocols/ripe-atlas.ts'
import { rmcp } from './protocols/rmcp.ts'
import { roughtime } from './protocols/roughtime.ts'
import { rsh } from './protocols/rsh.ts'
import { rsync } from './protocols/rsync.ts'
import { rtcp } from './protocols/rtcp.ts'
import { rtmp } from './protocols/rtmp.ts'
import { rtp } from './protocols/rtp.ts'
import { rtps } from './protocols/rtps.ts'
import { rtsp } from './protocols/rtsp.ts'
import { rx } from './protocols/rx.ts'
import { sflow } from './protocols/sflow.ts'
import { sip } from './protocols/sip.ts'
import { skinny } from './protocols/skinny.ts'
import { slp } from './protocols/slp.ts'
import { smb } from './protocols/smb.ts'
import { smpp } from './protocols/smpp.ts'
import { smtp } from './protocols/smtp.ts'
import { snmp } from './protocols/snmp.ts'
import { socks } from './protocols/socks.ts'
import { softether } from './protocols/softether.ts'
import { someIp } from './protocols/some-ip.ts'
import { soulseek } from './protocols/soulseek.ts'
import { sourceEngine } from './protocols/source-engine.ts'
import { spotify } from './protocols/spotify.ts'
import { ssdp } from './protocols/ssdp.ts'
import { ssh } from './protocols/ssh.ts'
import { statsd } from './protocols/statsd.ts'
import { steam } from './protocols/steam.ts'
import { stomp } from './protocols/stomp.ts'
import { stun } from './protocols/stun.ts'
import { sunRpc } from './protocols/sun-rpc.ts'
import { svn } from './protocols/svn.ts'
import { synchrophasor } from './protocols/synchrophasor.ts'
import { syncthing } from './protocols/syncthing.ts'
import { syslog } from './protocols/syslog.ts'
import { t38 } from './protocols/t38.ts'
import { tacacs } from './protocols/tacacs.ts'
import { tailscale } from './protocols/tailscale.ts'
import { tds } from './protocols/tds.ts'
import { teamspeak } from './protocols/teamspeak.ts'
import { teamviewer } from './protocols/teamviewer.ts'
import { telegram } from './protocols/telegram.ts'
import { telnet } from './protocols/telnet.ts'
import { tencentGames } from './protocols/tencent-games.ts'
import { teredo } from './protocols/teredo.ts'
import { tftp } from './protocols/tftp.ts'
import { threema } from './protocols/threema.ts'
import { thrift } from './protocols/thrift.ts'
import { tinc } from './protocols/tinc.ts'
import { tivoconnect } from './protocols/tivoconnect.ts'
import { tls } from './protocols/tls.ts'
import { tplinkShp } from './protocols/tplink-shp.ts'
import { trdp } from './protocols/trdp.ts'
import { tuya } from './protocols/tuya.ts'
import { ubiquitiDiscovery } from './protocols/ubiquiti-discovery.ts'
import { uftp } from './protocols/uftp.ts'
import { uwsgi } from './protocols/uwsgi.ts'
import { viber } from './protocols/viber.ts'
import { vnc } from './protocols/vnc.ts'
import { warcraft3 } from './protocols/warcraft3.ts'
import { websocket } from './protocols/websocket.ts'
import { whatsapp } from './protocols/whatsapp.ts'
import { whois } from './protocols/whois.ts'
import { wireguard } from './protocols/wireguard.ts'
import { worldOfWarcraft } from './protocols/world-of-warcraft.ts'
import { wsDiscovery } from './protocols/ws-discovery.ts'
import { x11 } from './protocols/x11.ts'
import { xdmcp } from './protocols/xdmcp.ts'
import { xiaomiPush } from './protocols/xiaomi-push.ts'
import { xmpp } from './protocols/xmpp.ts'
import { z3950 } from './protocols/z3950.ts'
import { zabbix } from './protocols/zabbix.ts'
import { zerotier } from './protocols/zerotier.ts'
import { zmtp } from './protocols/zmtp.ts'
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
  ajp,
  amqp,
  avast,
  bacnet,
  battleNet,
  beckhoffAds,
  bgp,
  bitcoin,
  bjnp,
  canOverUdp,
  capwap,
  ceph,
  checkMk,
  cip,
  collectd,
  corba,
  cpha,
  crossfire,
  dhcp,
  dicom,
  directConnect,
  discord,
  dlep,
  dlms,
  dnp3,
  doip,
  drda,
  dropboxLanSync,
  elasticsearch,
  etherSBus,
  ethernetIp,
  fastcgi,
  fix,
  foscam,
  ftp,
  gearman,
  genshinImpact,
  git,
  gnutella,
  gtp,
  h323,
  hl7,
  ike,
  imap,
  irc,
  iscsi,
  javaRmi,
  kerberos,
  kismet,
  knxnetIp,
  l2tp,
  ldap,
  ldp,
  libp2p,
  megaco,
  merakiCloud,
  mgcp,
  mmtls,
  mndp,
  monero,
  mongodb,
  munin,
  mysql,
  nats,
  netbios,
  netcode,
  nintendo,
  nntp,
  opcUa,
  openwire,
  pfcp,
  pop3,
  postgresql,
  pptp,
  proxyProtocol,
  quake,
  raknet,
  rdp,
  ripeAtlas,
  rmcp,
  roughtime,
  rsync,
  rtps,
  rtsp,
  sflow,
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
  stomp,
  svn,
  synchrophasor,
  syncthing,
  tacacs,
  tailscale,
  teamspeak,
  teamviewer,
  telegram,
  telnet,
  teredo,
  tivoconnect,
  tplinkShp,
  trdp,
  tuya,
  ubiquitiDiscovery,
  vnc,
  whatsapp,
  wireguard,
  worldOfWarcraft,
  wsDiscovery,
  x11,
  xiaomiPush,
  xmpp,
  zabbix,
  zmtp,
  zoom,
  // Patterns and lengths.
  afp,
  alicloud,
  amongUs,
  ansiC1222,
  atg,
  bfd,
  cassandra,
  chargen,
  ciscoVpn,
  cnpIp,
  coap,
  cotp,
  dcerpc,
  dhcpv6,
  diameter,
  dnscrypt,
  eaq,
  echo,
  edonkey,
  elderScrollsOnline,
  enet,
  ethereum,
  ethernetGlobalData,
  finger,
  fins,
  flute,
  ftpData,
  gaijin,
  graphite,
  hartIp,
  hislip,
  hsrp,
  huaweiPush,
  iax,
  iec104,
  jsonRpc,
  kafka,
  kakaotalkLoco,
  kcp,
  lisp,
  lustre,
  memcached,
  minecraft,
  mining,
  modbus,
  mpegTs,
  mqtt,
  mumble,
  nano,
  natPmp,
  netflow,
  nrpe,
  ntp,
  oicq,
  ookla,
  openflow,
  openvpn,
  oracle,
  photon,
  ptp,
  radius,
  redis,
  riotGames,
  rsh,
  rtcp,
  rtmp,
  rtp,
  rx,
  skinny,
  smpp,
  socks,
  softether,
  someIp,
  soulseek,
  statsd,
  sunRpc,
  syslog,
  t38,
  tds,
  tencentGames,
  tftp,
  threema,
  thrift,
  tinc,
  uftp,
  uwsgi,
  viber,
  warcraft3,
  websocket,
  whois,
  xdmcp,
  z3950,
  zerotier,
]
