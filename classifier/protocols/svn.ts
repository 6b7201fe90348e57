import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { hostOf } from '../wire/http-head.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Subversion's ra_svn protocol, lists in parentheses, texts with their lengths, the server first:
 *
 *   server   ( success ( 2 2 ( ) ( edit-pipeline svndiff1 ... ) ) )
 *   client   ( 2 ( edit-pipeline svndiff1 ) 24:svn://example.net/repos/a 10:SVN/1.14.2 ( ) )
 */
const greeting = /^\( success \( \d \d \( /
const answer = /^\( \d \( ([a-z0-9-]+ )*\) \d{1,4}:(svn(?:\+\w+)?:\/\/([^/ ]*)[^ ]*) /

function lookWith(pattern: RegExp, starts: readonly string[]): (bytes: Bytes) => Look {
  return (bytes) => {
    if (!starts.some((start) => bytes.mayHave(start))) return 'no'
    const text = bytes.text(0, 1024)
    if (pattern.test(text)) return 'yes'
    return text.length < 24 ||
      (text.length < 600 && /^\( \d \( [a-z0-9 -]*\)? ?[\d:]*[^ ]*$/.test(text))
      ? 'more'
      : 'no'
  }
}

const reply = lookWith(greeting, ['( success ( '])
const request = lookWith(answer, ['( 2 ( ', '( 1 ( '])

function metadataOf(client: Bytes): Metadata {
  const found = answer.exec(client.text(0, 1024))
  const [, , url, host] = found ?? []
  return {
    ...(host === undefined || host === '' ? {} : { hostname: hostOf(host) }),
    ...(url === undefined ? {} : { fileName: url }),
  }
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, request, reply)
  if (typeof talk === 'string') return talk
  return {
    confidence: talk.confidence,
    evidence: 'lists of Subversion',
    metadata: metadataOf(talk.client),
    more: talk.client.length === 0,
  }
}

export const svn: Protocol = {
  name: 'svn',
  title: 'Subversion',
  category: 'file',
  transports: ['tcp'],
  begins: '(',
  ports: { tcp: [3690] },
  classify,
}
