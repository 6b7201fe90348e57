import { ssh } from '../../../classifier/protocols/ssh.ts'
import { conforms } from './conformance.ts'

const names = ['curve25519-sha256', 'ssh-ed25519', 'aes128-ctr', 'aes256-ctr', 'hmac-sha2-256']
const lists = [...names, 'hmac-sha1', 'none', 'zlib', '', '']

/** SSH_MSG_KEXINIT with one name in each list (RFC 4253 §7.1). */
function keyExchange(): Uint8Array {
  const body = lists.flatMap((name) => [
    ...Buffer.from(`\0\0\0${String.fromCharCode(name.length)}${name}`),
  ])
  const payload = [20, ...Array.from({ length: 16 }, (_, i) => i), ...body, 0, 0, 0, 0, 0]
  const packet = [6, ...payload, 0, 0, 0, 0, 0, 0]
  return Uint8Array.from([0, 0, packet.length >> 8, packet.length & 255, ...packet])
}

conforms(
  ssh,
  [
    {
      name: 'both banners and key exchanges',
      transport: 'tcp',
      port: 2222,
      said: [
        ['server', 'SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'],
        ['client', 'SSH-2.0-PuTTY_Release_0.80\r\n'],
        ['client', keyExchange()],
        ['server', keyExchange()],
      ],
      confidence: 100,
      metadata: {
        sshClient: '2.0-PuTTY_Release_0.80',
        sshServer: '2.0-OpenSSH_9.2p1 Debian-2',
        // md5 of "curve25519-sha256;aes128-ctr;hmac-sha2-256;none" and of the other direction.
        hassh: 'e97d07603350d1111ec2b64bf25413c9',
        hasshServer: '1d28bf246fed683b2556414dbd13cd28',
      },
    },
    {
      name: 'an old server alone',
      transport: 'tcp',
      port: 22,
      said: [['server', 'SSH-1.99-Cisco-1.25\n']],
      confidence: 90,
      risks: ['obsolete-ssh'],
    },
  ],
  [
    { name: 'a word', transport: 'tcp', port: 22, said: [['client', 'SSH-keys are here\r\n']] },
    { name: 'HTTP', transport: 'tcp', port: 22, said: [['client', 'GET / HTTP/1.1\r\n\r\n']] },
  ]
)
