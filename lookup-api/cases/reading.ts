import { requireAddress } from '../../model/address.ts'
import { FlowledgerError } from '../../model/errors.ts'
import type { Principal } from '../../model/principal.ts'
import type { Right } from '../../model/rights.ts'
import type { AnswerDocument } from '../evidence-file/document.ts'
import type { Envelope } from '../evidence-file/envelope.ts'
import { requireAddressInScope } from '../question-gate.ts'
import type { HoldDocument } from './documents.ts'

/**
 * A signed file cannot be shown in part. Who may work on cases may still not see what such a file
 * says of people, so the file is given to those alone who could have asked for it themselves. That
 * a second person allowed the question was settled when it was asked.
 */

/** States of an identity that name somebody. */
const naming: ReadonlySet<string> = new Set(['resolved', 'ambiguous'])

function rightsOfAnswer({ answer }: AnswerDocument): Right[] {
  const hosts = [...answer.candidates, ...answer.near_misses]
  const names = hosts.some(({ identity }) => naming.has(identity.state))
  const isWide = answer.query.port === null && hosts.length > 1
  return ['lookup', ...(names ? ['reveal' as const] : []), ...(isWide ? ['wide' as const] : [])]
}

/** The rights that it takes to see a file. */
function rightsFor(envelope: Envelope): Right[] {
  if (envelope.kind === 'answer') {
    return rightsOfAnswer(envelope.document as unknown as AnswerDocument)
  }
  const { held } = envelope.document as unknown as HoldDocument
  return held.port === null ? ['holds', 'wide'] : ['holds']
}

function addressOf(envelope: Envelope): string | null {
  return envelope.kind === 'answer'
    ? (envelope.document as unknown as AnswerDocument).answer.query.ip
    : (envelope.document as unknown as HoldDocument).held.address
}

/**
 * Refuses a kept file to who could not have asked for it.
 *
 * @throws FlowledgerError `not-allowed`
 */
export function requireReadable(principal: Principal, envelope: Envelope): void {
  const missing = rightsFor(envelope).find((right) => !principal.rights.has(right))
  if (missing !== undefined) {
    throw new FlowledgerError('not-allowed', 'A signed file that is kept here is not for you.', {
      fix: `It needs the right ${missing}.`,
    })
  }
  const address = addressOf(envelope)
  if (address !== null) requireAddressInScope(principal, requireAddress(address))
}
