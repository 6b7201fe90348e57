import type { Answer, AnswerCandidate } from '../contract.ts'

/**
 * What an answer does not show, as sentences that go into the signed file: whoever reads it later
 * may not know what the records are, and must not read more out of them than there is.
 */

type Rule = readonly [applies: (answer: Answer) => boolean, sentence: string]

const always = (): boolean => true

const names = ({ candidates }: Answer): boolean => candidates.length > 0

const some =
  (test: (candidate: AnswerCandidate) => boolean) =>
  ({ candidates }: Answer): boolean =>
    candidates.some(test)

const verdict =
  (...wanted: readonly Answer['verdict'][]) =>
  (answer: Answer): boolean =>
    wanted.includes(answer.verdict)

const state =
  (...wanted: readonly AnswerCandidate['identity']['state'][]) =>
  ({ candidates }: Answer): boolean =>
    candidates.some(({ identity }) => wanted.includes(identity.state))

const rules: readonly Rule[] = [
  [
    names,
    'It names a line, a device or a log-in, not a person. Who used it at the time (a household, ' +
      'guests, an open wireless network, somebody in control of the device) is not recorded.',
  ],
  [
    names,
    'It shows that an address and port were held, not what was sent over them, nor that anything ' +
      'a notice says took place.',
  ],
  [
    names,
    'Behind an inside address there may be a further router or NAT of the customer. What stands ' +
      'behind that is not seen here.',
  ],
  [
    verdict('multiple'),
    'Several hosts fit, and nothing in the records tells which one is meant. Their order is no ' +
      'finding: none of them may be singled out by it.',
  ],
  [
    verdict('unique-after-destination'),
    'Several hosts held the address and port. That it is this one rests on the destination in ' +
      'the question: where that is wrong, so is the answer.',
  ],
  [
    verdict('inferred'),
    'A part of the chain is assumed and was not seen. The reasons say which. It is a pointer, ' +
      'not a proof.',
  ],
  [
    verdict('conflict'),
    'Sources contradict each other: at least one record is wrong, and which one is not known. ' +
      'Nobody may be named by it.',
  ],
  [
    verdict('no-match'),
    'That nobody had the address and port holds for the address, port and time of the question. ' +
      'It does not show that the event in a notice did not take place.',
  ],
  [
    verdict('no-data'),
    'It shows nothing about anybody: neither that somebody had the address and port, nor that ' +
      'nobody did.',
  ],
  [
    ({ coverage }) => coverage.state !== 'complete',
    'The sources did not watch the whole time without loss. Somebody who is not listed may have ' +
      'held the address and port.',
  ],
  [
    ({ query }) => query.port === null,
    'The question names no port. With address translation many hosts share an address, so the ' +
      'answer cannot tell them apart.',
  ],
  [
    ({ query }) => query.port !== null && query.protocol === null,
    'The question names no protocol. The same port number of another protocol belongs to others.',
  ],
  [
    (answer) => names(answer) && answer.query.destination_ip === null,
    'The question names no destination. A Linux gateway may give one public address and port to ' +
      'several hosts at once where their destinations differ.',
  ],
  [
    always,
    'Whether the clock of whoever reported the event was right is not known here. The answer is ' +
      'for the time as given, within the tolerance shown.',
  ],
  [
    some(({ start_known: known }) => !known),
    'Where a start is shown as not known, the connection is older than the watching of its ' +
      'source; the time shown is the first sighting.',
  ],
  [
    some(({ end_known: known, open }) => !known && !open),
    'Where an end is shown as not seen, the time shown is when the connection was found missing.',
  ],
  [
    names,
    'The end of a mapping is when the gateway released the port, not when the last packet went. ' +
      'The last packet is an estimate.',
  ],
  [
    state('withheld'),
    'The identity behind the inside address was withheld: who asked may not see it. That does ' +
      'not mean that there is none.',
  ],
  [state('unknown'), 'No source of identities says who held the inside address at that time.'],
  [
    state('ambiguous'),
    'Several holders of the inside address fit the time. None of them may be singled out.',
  ],
  [
    some(({ identity }) => identity.shared === true),
    'An account or device in the chain is used by several people, as its source says.',
  ],
  [
    some(({ identity }) => identity.device?.mac_randomised === true),
    'A device in the chain made its MAC address up: the address tells no device apart for good.',
  ],
  [
    ({ near_misses: near }) => near.length > 0,
    'Hosts listed as near misses are those that the question rules out. They are no candidates.',
  ],
  [
    ({ candidate_count: count, candidates }) => count > candidates.length,
    'There are more hosts than are listed.',
  ],
  [
    always,
    'The signature shows that this text is unchanged and which key signed it. It does not make ' +
      'the records true.',
  ],
]

/** The sentences that apply to an answer, the weightiest first. */
export function limitsOf(answer: Answer): string[] {
  return rules.flatMap(([applies, sentence]) => (applies(answer) ? [sentence] : []))
}

/** What each verdict means, in a sentence. */
export const verdictMeanings: Readonly<Record<Answer['verdict'], string>> = {
  unique:
    'One inside host held the address and port at the time asked for, nobody else meets the ' +
    'window, and the sources watched all of it.',
  'unique-after-destination':
    'Several hosts held the address and port; towards the destination given it was one.',
  multiple: 'Several hosts fit. It is one of them, and the records do not tell which.',
  inferred: 'One host fits, but something about it is assumed.',
  conflict: 'The sources contradict each other. Nobody may be named.',
  'no-match': 'Nobody had it, and the sources watched the whole time.',
  'no-data': 'It cannot be known from these records.',
}
