import type { AnswerCandidate, AnswerHolder, AnswerLink } from '../contract.ts'

/** Who stands behind the hosts of an answer, as a command prints it. */

/** Text without control characters: host names and users come from whoever sent them. */
export const plain = (text: string): string => text.replaceAll(/\p{Cc}/gu, '\uFFFD')

function deviceText(device: NonNullable<AnswerHolder['device']>): string {
  const { mac, duid, client_id: clientId, hostname, mac_randomised: made } = device
  const name = mac ?? duid ?? clientId ?? 'without an identifier'
  const notes = [hostname, made === true ? 'made-up MAC' : null].filter((note) => note !== null)
  return `device ${name}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`
}

/** As much of a holder as an identity has. */
type Known = { readonly [K in keyof AnswerHolder]?: AnswerHolder[K] | undefined }

/** `subscriber 1001 Ada Doe, user ada, device 00:11:22:33:44:55 (laptop)`. */
export function holderText({ subscriber, user, device, shared }: Known): string {
  const parts: string[] = []
  if (subscriber) parts.push(`subscriber ${[subscriber.id, subscriber.name].join(' ').trim()}`)
  if (user) parts.push(`user ${user}`)
  if (device) parts.push(deviceText(device))
  if (shared === true) parts.push('shared account')
  return parts.length === 0 ? 'nobody' : parts.join(', ')
}

function linkLines(links: readonly AnswerLink[]): string[] {
  return links.map((link) => {
    const record = link.record === '' ? '' : ` [${link.record}]`
    return `     ${link.step}, ${link.class}: ${link.why}${record}`
  })
}

function candidateLines({ rank, identity, links, class: how }: AnswerCandidate): string[] {
  const { state, reasons, candidates = [] } = identity
  if (state === 'withheld') return [`  ${rank}: withheld. ${reasons.join(' ')}`]
  const others = candidates.map((one) => `     or ${holderText(one)} (${one.class})`)
  const who = state === 'ambiguous' ? 'not told apart' : holderText(identity)
  const head = state === 'unknown' ? `not known; ${who}` : who
  return [`  ${rank}: ${head} (${how}). ${reasons.join(' ')}`, ...others, ...linkLines(links)]
}

/** Lines under the table; none where no identity was looked up or withheld. */
export function chainLines(candidates: readonly AnswerCandidate[]): string[] {
  const told = candidates.filter(
    ({ identity, links }) =>
      identity.state !== 'unknown' || links.some(({ step }) => step !== 'nat')
  )
  return told.length === 0 ? [] : ['', 'Who:', ...told.flatMap(candidateLines).map(plain)]
}

/** The columns that CSV has of it. */
export const chainColumns = ['identity', 'mac', 'host_name', 'user', 'subscriber', 'chain'] as const

/** Their cells: several possible holders in one cell, so that none is taken for the only one. */
export function chainCells({ identity, class: how }: AnswerCandidate): (string | null)[] {
  const all: readonly Known[] = identity.candidates ?? [identity]
  const each = (read: (one: Known) => string | null | undefined): string | null => {
    const values = new Set(all.map(read).filter((value) => value !== null && value !== undefined))
    return values.size === 0 ? null : [...values].join(' ')
  }
  return [
    identity.state,
    each((one) => one.device?.mac),
    each((one) => one.device?.hostname),
    each((one) => one.user),
    each((one) => one.subscriber?.id),
    how,
  ]
}
