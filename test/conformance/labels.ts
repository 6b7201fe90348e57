/**
 * nDPI's name of a protocol (before the dot) and ours, where ours is not just its lower case with
 * hyphens. Several of ours: any of them is right.
 */
const named: Readonly<Record<string, readonly string[]>> = {
  Service_Location_Protocol: ['slp'],
  DNScrypt: ['dnscrypt'],
  ICMPV6: ['icmpv6'],
  DHCPV6: ['dhcpv6'],
  Jabber: ['xmpp'],
  IPSec: ['ipsec', 'ike'],
  IP_PIM: ['pim'],
  POPS: ['pop3'],
  IMAPS: ['imap', 'tls'],
  SMTPS: ['smtp', 'tls'],
  FTPS: ['ftp'],
  FTP_CONTROL: ['ftp'],
  Usenet: ['nntp'],
  NetBIOS: ['netbios', 'smb'],
  SMBv1: ['smb'],
  SMBv23: ['smb'],
  RESP: ['redis'],
  CiscoSkinny: ['skinny'],
  'Whois-DAS': ['whois'],
  SRTP: ['rtp', 'stun'],
  NFS: ['nfs', 'sun-rpc'],
  HTTP_Proxy: ['http', 'http-proxy'],
  HTTP_Connect: ['http-connect'],
  'MsSQL-TDS': ['tds'],
  AVASTSecureDNS: ['dnscrypt'],
  SOAP: ['soap', 'http'],
  ETHEREUM: ['ethereum'],
  i3D: ['discord'],
  Discord: ['discord'],
  Dropbox: ['dropbox-lan-sync'],
  Source_Engine: ['source-engine'],
  OpenVPN: ['openvpn'],
  TINC: ['tinc'],
  RakNet: ['raknet'],
  Steam: ['steam'],
  SteamDatagramRelay: ['steam'],
  Nintendo: ['nintendo'],
  GenshinImpact: ['genshin-impact'],
  TocaBoca: ['photon'],
  WorldOfWarcraft: ['world-of-warcraft'],
  RiotGames: ['riot-games'],
  AmongUs: ['among-us'],
  TES_Online: ['elder-scrolls-online'],
  Xiaomi: ['xiaomi-push'],
  TencentGames: ['tencent-games'],
}

/** Our names for what nDPI calls `label`: `TLS.Google` is our `tls`. */
export function namesOf(label: string): readonly string[] {
  const master = label.split('.')[0] ?? label
  return named[master] ?? [master.toLowerCase().replaceAll('_', '-')]
}
