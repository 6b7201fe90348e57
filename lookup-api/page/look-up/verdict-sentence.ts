import type { Answer, AnswerCandidate } from '../../contract.ts'
import { endpointText } from '../parts/basics.tsx'
import { utcText } from '../times.ts'

/** What an answer says, as one sentence that somebody can read out. */

function insideOf({ inside, ports }: AnswerCandidate): string {
  return ports === undefined ? endpointText(inside) : inside.ip
}

function whoOf({ identity, ...candidate }: AnswerCandidate): string {
  const { subscriber, user, device } = identity
  const inside = insideOf({ ...candidate, identity })
  if (subscriber) return `${inside}, subscriber ${subscriber.name ?? subscriber.id},`
  if (user) return `${inside}, logged in as ${user},`
  if (device?.hostname) return `${inside} (${device.hostname})`
  return inside
}

/** `192.0.2.1:2000, tcp, at 2026-03-01 12:00:00 UTC` */
function whatOf({ query }: Answer): string {
  const asked = endpointText(query)
  const protocol = query.protocol === null ? '' : ` (${query.protocol})`
  return `${asked}${protocol} at ${utcText(query.at)} UTC`
}

const withoutDot = (sentence: string): string => sentence.replace(/\.$/, '')

/** The verdict in a sentence. */
export function verdictSentence(answer: Answer): string {
  const { verdict, candidates, candidate_count: count, reasons, query } = answer
  const [first] = candidates
  const who = first === undefined ? 'Nobody' : whoOf(first)
  const what = whatOf(answer)
  switch (verdict) {
    case 'unique':
      return `${who} had ${what}, and nobody else did.`
    case 'unique-after-destination': {
      const destination = endpointText({
        ip: query.destination_ip ?? 'port',
        port: query.destination_port,
      })
      return `${who} had ${what}: of those who shared it, the one that talked to ${destination}.`
    }
    case 'multiple':
      return `${count} hosts had ${what}. The records do not tell which one is meant.`
    case 'inferred':
      return `${who} most likely had ${what}; part of that is assumed, not seen.`
    case 'conflict':
      return `The sources contradict each other about ${what}.`
    case 'no-match':
      return `Nobody had ${what}, and everything was watched.`
    default: {
      const why = withoutDot(reasons[0] ?? 'nothing was recorded')
      return `It cannot be known who had ${what}: ${why}.`
    }
  }
}
