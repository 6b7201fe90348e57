import { formatWords, isV4 } from '../../model/address.ts'
import type { Prefix } from '../../model/address.ts'
import type { Holding, HoldingKind } from '../../model/identity.ts'
import { isRandomised } from '../../model/mac.ts'
import { formatInstant } from '../../model/time.ts'
import { isSure } from './bearing.ts'
import type { Claim, HoldingWindow } from './bearing.ts'
import { deviceOf } from './parties.ts'
import type { Party } from './parties.ts'

/** The sentences that say why a link is as it is. */

/** `12.5 s`; a span for people. */
export const span = (us: number): string => `${Number((us / 1e6).toFixed(6))} s`

/** A prefix as text; an address alone without its length. */
export function prefixText({ words, length }: Prefix): string {
  const width = isV4(words[0], words[1], words[2]) ? length - 96 : length
  const full = width === (isV4(words[0], words[1], words[2]) ? 32 : 128)
  return full ? formatWords(words) : `${formatWords(words)}/${width}`
}

/** The record that shows a holding: `source/number`. */
export const recordOfHolding = ({ source, id }: Holding): string => `${source}/${id}`

const verbs: Readonly<Record<HoldingKind, string>> = {
  lease: 'was leased to',
  delegation: 'was delegated to',
  session: 'was in the session of',
  neighbour: 'answered from',
  login: 'was where a log-in came from:',
}

/** What a party is called: by its MAC, else by whatever else names it. */
export function nameOf(party: Party): string {
  const { mac, duid, clientId, circuitId, remoteId } = deviceOf(party)
  if (mac !== undefined) return mac
  if (duid !== undefined) return `DUID ${duid}`
  if (clientId !== undefined) return `client identifier ${clientId}`
  const user = party.claims[0].holding.user
  if (user !== undefined) return `user ${user}`
  if (circuitId !== undefined) return `circuit-id ${circuitId}`
  return remoteId === undefined ? 'a device without a name' : `remote-id ${remoteId}`
}

/** How a claim bears on the time asked for. */
export function bearingSentence({ holding, bearing }: Claim, { atUs }: HoldingWindow): string {
  const { startUs, sureUntilUs } = holding
  if (bearing === 'holds') return 'That was so at the time asked for.'
  if (bearing === 'promised') {
    const [last, until] = [formatInstant(sureUntilUs), formatInstant(holding.endUs)]
    return (
      `The lease was in force at the time asked for: last heard of at ${last}, lent until ` +
      `${until}. That its holder was still there is assumed.`
    )
  }
  if (bearing === 'perhaps') {
    const last = formatInstant(sureUntilUs)
    return `That was sure up to ${last}; no end was told, so it is assumed at the time asked for.`
  }
  const distanceUs = Math.max(startUs - atUs, atUs - holding.endUs, 0)
  if (bearing === 'edge') {
    if (distanceUs === 0) {
      return 'That was so at the time asked for only if the clocks were right.'
    }
    const side = startUs > atUs ? 'after' : 'before'
    return `That was so ${span(distanceUs)} ${side} the time asked for.`
  }
  return `Its source first heard of it ${span(startUs - atUs)} after the time asked for.`
}

/** What the records say of who held the address. */
export function deviceSentence(party: Party, window: HoldingWindow): string {
  const [best] = party.claims
  const { holding } = best
  const subject = holding.prefix === undefined ? 'The address' : prefixText(holding.prefix)
  const parts = [`${subject} ${verbs[holding.kind]} ${nameOf(party)}.`]
  parts.push(bearingSentence(best, window))
  if (holding.weak) parts.push('The source is one that loses history.')
  const others = party.claims.filter(
    (claim) => isSure(claim) && claim.holding.source !== holding.source
  )
  const names = [...new Set(others.map((one) => `${one.holding.source} (${one.holding.kind})`))]
  if (names.length > 0) parts.push(`${names.join(' and ')} agrees.`)
  const { mac } = deviceOf(party)
  if (mac !== undefined && isRandomised(mac)) {
    parts.push('The MAC is one that the device made up: it names no device elsewhere.')
  }
  return parts.join(' ')
}

/** What is told of a prefix that was delegated, instead of the host behind it. */
export const behindSentence = (prefix: Prefix): string =>
  `${prefixText(prefix)} was given out as a whole: which device behind it had the address, ` +
  'nobody here saw.'
