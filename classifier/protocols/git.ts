import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { hostOf } from '../wire/http-head.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * gitprotocol-pack(5), the git:// transport; lengths are four hexadecimal digits that hold
 * themselves:
 *
 *   client   0033git-upload-pack /project.git NUL host=example.net NUL [NUL version=2 NUL]
 *   server   00b5 object-id SP HEAD NUL capabilities LF ...       or 000eversion 2 LF
 */
const service = /^[0-9a-f]{4}git-(upload-pack|receive-pack|upload-archive) ([^\0\n]+)/
const answer = /^[0-9a-f]{4}([0-9a-f]{40}( |$)|version [12]\n|ERR )/
const lengthDigits = /^[0-9a-f]{1,4}$/

function request(bytes: Bytes): Look {
  if (bytes.u8(0) !== 0x30) return 'no'
  const text = bytes.text(0, 512)
  if (bytes.length < 8)
    return lengthDigits.test(text.slice(0, 4)) && 'git-'.startsWith(text.slice(4)) ? 'more' : 'no'
  if (!bytes.has('git-', 4)) return 'no'
  const length = Number.parseInt(text.slice(0, 4), 16)
  if (bytes.length < length) return 'more'
  return service.test(text) && length > 8 ? 'yes' : 'no'
}

function reply(bytes: Bytes): Look {
  const text = bytes.text(0, 64)
  if (answer.test(text)) return 'more'
  return bytes.length < 45 && lengthDigits.test(text.slice(0, 4)) ? 'more' : 'no'
}

function metadataOf(client: Bytes): Metadata {
  const text = client.text(0, 512)
  const fileName = service.exec(text)?.[2]
  const host = /\0host=([^\0]+)\0/.exec(text)?.[1]
  return {
    ...(fileName === undefined ? {} : { fileName }),
    ...(host === undefined ? {} : { hostname: hostOf(host) }),
  }
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, request, reply, 95)
  if (typeof talk === 'string') return talk
  return {
    confidence: talk.server.length > 0 ? 100 : 95,
    evidence: 'service of git with its length',
    metadata: metadataOf(talk.client),
  }
}

export const git: Protocol = {
  name: 'git',
  title: 'Git',
  category: 'file',
  transports: ['tcp'],
  begins: '0123456789abcdef',
  ports: { tcp: [9418] },
  classify,
}
