import type { RuleFormat } from '../../../classifier/applications/formats.ts'

const soft = Buffer.from("app == 'netify.signal' && other_port == 3478;").toString('base64')

/** Sound rules in every form. */
export const ruleSamples: Readonly<Record<RuleFormat, readonly string[]>> = {
  rules: [
    `# remark
[games]
chess "Chess" chess.example =exact.example *checkmate* /^play[0-9]+\\.example$/
  net 192.0.2.0/24
  shared 198.51.100.0/24
  when local_port == 7777 && protocol == 'tls';
  alias netify.chess-game
  is www.chess.example exact.example
  not below.exact.example
`,
    '[mail]\nmail "Mail" mail.example\n  net 2001:db8::/32\n',
    '[web]\nweb web.example\n  shared 192.0.2.0/24\n  is a.web.example\n',
  ],
  'netify-apps': [
    `app:133:netify.netflix
app:200:netify.signal
dom:133:netflix.example
net:133:192.0.2.0/24
net:133:2001:db8::/32
xfm:^instagram\\.[0-9a-z\\.-]+\\.fbcdn\\.[a-z]+$:instagram.example
nsd:-1:78:${soft}
`,
    'app:7:netify.chess\ndom:7:chess.example\nnet:7:192.0.2.0/24\n',
  ],
  'netify-sink': [
    'host:"^snapchat.example$",host:".snapchat.example$"@199.netify.snapchat\nip:192.0.2.0/24@netify.snapchat\n',
    'ip:192.0.2.0/24@netify.snapchat\n',
  ],
  'netify-categories': [
    '{"application_tag_index":{"games":12,"web":13},"application_index":[[12,[133,7]],[13,[200]]]}',
  ],
  v2fly: [
    'chess.example @cn # remark\nfull:one.example\nkeyword:checkmate\nregexp:^go[0-9]+\\.test$\n',
    'domain:go.example\ninclude:f\n',
  ],
}

/** Sound expressions. */
export const expressionSamples = [
  "vlan_id == 10 && (app == 'netify.twitter' or app == 'netify.instagram');",
  "detected_hostname == 'rx:^us[0-9]+web\\.zoom\\.us$';",
  'local_ip == 192.168.100.0/24 || other_ip == 2001:db8::/32;',
  'ip_protocol == 0x6 && ip_version == 4 && ip_nat == true;',
  'local_mac == 02-00-00-00-00-01 and not origin == origin_local',
  'app in (zoom, skype) && time == 08:00-17:00 && weekday in (mon, tue)',
  '!ai:netify.zoom || pc:voip # note\n&& local_ip == @office',
  "hostname == '*.zoom.us' && tls_version >= 0x0303",
]

/** Sound policies: our own form, and that of Netify's agent. */
export const policySamples = [
  'targets: {}\nactions: {}\n',
  "targets: { l: { type: log } }\nactions: { a: { criteria: '*', targets: [l] } }\n",
  "targets: { log: { type: log } }\nactions: { a: { criteria: app == 'zoom', targets: [log] } }\n",
  'targets: {}\nactions: {}\nexemptions: [192.168.1.1]\n',
  'targets: {}\nactions: {}\nwans: { mask: 0xff00, interfaces: { eth0: 0x100, eth1: 0x200 } }\n',
  `{"version":1,"targets":{"l":{"target_type":"log"}},"actions":{"a":{"criteria":"app == 'a';","targets":["l"]}}}`,
  `
targets:
  log: { type: log }
  set: { type: nft-set, set: s, elements: [other_addr], ttl: 60 }
exemptions: [192.168.1.1, "protocol == 'dns'"]
actions:
  one:
    criteria: |
      app == 'zoom' &&
      local_port > 1024
    targets: [log, set]
  two: { criteria: "category == 'games'", targets: [log] }
`,
  `{
  "version": 1,
  "targets": {
    "log.games": { "target_type": "log", "prefix": "netify-games", "interval": 60 },
    "ipset.games": { "target_type": "ipset", "set_name": "nfa.games", "type": "hash:ip,port,ip" }
  },
  "target_defaults": { "ipset": { "set_family": "*", "ttl": 600 } },
  "actions": {
    "games": { "enabled": true, "criteria": "category == 'games';", "targets": ["ipset.games"],
      "exemptions": ["127.0.0.1", "app == 'netify.playstation';"] }
  },
  "exemptions": ["192.168.1.1", "protocol == 'dns';"]
}`,
]
