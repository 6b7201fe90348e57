import { hash } from 'node:crypto'
import type { Bytes } from '../../model/bytes.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 4253 §4.2, each side, as soon as the connection is open:
 *
 *   SSH-2.0-softwareversion SP comments CR LF     at most 255 octets
 *
 * §6 and §7.1, then:
 *
 *    0          4         5      6             22
 *   | length    | padding | 20   | cookie (16) | ten name lists, each | length (4) | a,b,c |
 *
 * key exchange, host key, encryption (there, back), MAC (there, back), compression (there, back),
 * languages (there, back).
 */
const kexInit = 20
const maxBannerBytes = 255
/** Banner and key exchange of real implementations are far below this. */
const maxListBytes = 4096

/** Banner without its line end; undefined where there is none. */
function bannerOf(bytes: Bytes): string | undefined {
  if (!bytes.has('SSH-')) return undefined
  const end = bytes.indexOf(10, 4, maxBannerBytes)
  if (end < 0) return undefined
  const text = bytes.text(0, bytes.u8(end - 1) === 13 ? end - 1 : end)
  return /^SSH-(1\.\d+|2\.0)-[\x20-\x7e]*$/.test(text) ? text : undefined
}

/** The name lists of the key exchange that follows the banner; `more` where it is not all there. */
function listsOf(bytes: Bytes): string[] | 'more' | undefined {
  const at = bytes.indexOf(10, 4, maxBannerBytes) + 1
  if (bytes.length < at + 22) return 'more'
  if (bytes.u8(at + 5) !== kexInit) return undefined
  const lists: string[] = []
  let next = at + 22
  for (let i = 0; i < 10; i++) {
    const length = bytes.u32(next)
    if (length < 0) return 'more'
    if (length > maxListBytes) return undefined
    if (next + 4 + length > bytes.length) return 'more'
    lists.push(bytes.text(next + 4, next + 4 + length))
    next += 4 + length
  }
  return lists
}

/**
 * HASSH (Salesforce, BSD-3): MD5 of key exchange; encryption; MAC; compression, those that the
 * client offers to send with, or those of the server for its own direction.
 */
function hasshOf(lists: readonly string[], first: 2 | 3): string {
  const text = [lists[0], lists[first], lists[first + 2], lists[first + 4]].join(';')
  return hash('md5', text)
}

/** True where what a side has said can be the beginning of SSH. */
function mayBe(bytes: Bytes): boolean {
  return bytes.mayHave('SSH-') && (bytes.length < maxBannerBytes || bannerOf(bytes) !== undefined)
}

function classify(flow: FlowView): Answer {
  const { client, server } = flow
  if (!mayBe(client.bytes) || !mayBe(server.bytes)) return 'never'
  const sshClient = bannerOf(client.bytes)
  const sshServer = bannerOf(server.bytes)
  if (sshClient === undefined && sshServer === undefined) return 'more'
  const offered = sshClient === undefined ? 'more' : listsOf(client.bytes)
  const answered = sshServer === undefined ? 'more' : listsOf(server.bytes)
  const isOld = [sshClient, sshServer].some((text) => text?.startsWith('SSH-1.') === true)
  return {
    confidence: sshClient !== undefined && sshServer !== undefined ? 100 : 90,
    evidence: `banner ${sshClient ?? sshServer}`,
    more: offered === 'more' || answered === 'more',
    metadata: {
      ...(sshClient === undefined ? {} : { sshClient: sshClient.slice(4) }),
      ...(sshServer === undefined ? {} : { sshServer: sshServer.slice(4) }),
      ...(Array.isArray(offered) ? { hassh: hasshOf(offered, 2) } : {}),
      ...(Array.isArray(answered) ? { hasshServer: hasshOf(answered, 3) } : {}),
    },
    risks: isOld ? ['obsolete-ssh'] : [],
  }
}

export const ssh: Protocol = {
  name: 'ssh',
  title: 'SSH',
  category: 'remote-access',
  transports: ['tcp'],
  begins: 'S',
  ports: { tcp: [22] },
  classify,
}
