import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { agreement, lookForAny } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import { saslUser } from '../wire/sasl.ts'
import { afterCommand } from '../wire/starttls.ts'
import { lookAtLine } from '../wire/text-lines.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 9051 §2.2 and §7.1; lines end with CR LF, a tag of the client's choice begins each command:
 *
 *   server   * OK [CAPABILITY IMAP4rev1 STARTTLS ...] text        * PREAUTH, * BYE
 *   client   a1 CAPABILITY
 *   server   * CAPABILITY IMAP4rev1 ...     a1 OK text
 *   client   a2 STARTTLS                    then TLS
 *   client   a2 LOGIN name password         or AUTHENTICATE mechanism
 */
const names = [
  'capability|login|authenticate|starttls|id|noop|logout|select|examine|enable|namespace|list|lsub',
  'status|idle|uid|compress|create|subscribe|append|getquotaroot|unauthenticate|fetch|close|xlist',
].join('|')
const tagged = String.raw`^[^ (){%*"\\+\]]{1,32} `
const command = new RegExp(String.raw`${tagged}(${names})( .*)?$`, 'i')
/** Those that need no server beside them to be told from other lines of two words. */
const telling = new RegExp(
  String.raw`${tagged}(capability|login .+|authenticate .+|starttls|namespace)$`,
  'i'
)

/** RFC 9051 §9, ASTRING-CHAR without `+`. */
const isTag = (octet: number): boolean =>
  octet > 0x20 && octet < 0x7f && !'(){%*"\\+]'.includes(String.fromCharCode(octet))

function request(bytes: Bytes): Look {
  if (!isTag(bytes.u8(0))) return 'no'
  const space = bytes.indexOf(0x20, 0, 33)
  if (space < 0) return bytes.length < 33 ? 'more' : 'no'
  if (lookAtLine(bytes, telling) === 'yes') return 'yes'
  const look = lookAtLine(bytes, command)
  return look === 'yes' ? 'more' : look
}

function reply(bytes: Bytes): Look {
  const look = lookForAny(bytes, ['* OK', '* PREAUTH', '* BYE', '* CAPABILITY IMAP4'])
  return look === 'yes' ? lookAtLine(bytes, /^\* (OK|PREAUTH|BYE|CAPABILITY)( .*)?$/) : look
}

/** `LOGIN "name" "password"`, quoted or not. */
function loginOf(client: Bytes): Metadata | undefined {
  const said = /(?:^|\n)\S+ login (?:"([^"]*)"|(\S+)) \S+/i.exec(client.text(0, 2048))
  const name = said?.[1] ?? said?.[2]
  return name === undefined ? undefined : { userName: name }
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, request, reply)
  if (typeof talk === 'string') return talk
  const hello = afterCommand(talk.client, /(^|\n)\S+ starttls\r?\n/i)
  const plain = saslUser(
    talk.client,
    /(?:^|\n)\S+ authenticate (plain|login)(?: (\S+))?\r?\n(?:(\S+)\r?\n)?/i
  )
  const user = loginOf(talk.client) ?? plain
  return {
    confidence: talk.client.length > 0 && talk.server.length > 0 ? 100 : 90,
    evidence: 'tagged command or greeting of IMAP',
    metadata: { ...user, ...hello },
    risks: user === undefined ? [] : ['clear-text-credentials'],
    more: user?.userName === undefined && hello?.ja3 === undefined,
  }
}

export const imap: Protocol = {
  name: 'imap',
  title: 'IMAP',
  category: 'mail',
  transports: ['tcp'],
  ports: { tcp: [143] },
  classify,
}
