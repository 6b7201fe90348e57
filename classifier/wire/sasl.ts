import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'

const maxBytes = 4096
const maxNameLength = 256

const decoded = (text: string | undefined): string =>
  Buffer.from(text ?? '', 'base64').toString('utf8')

/** Printable and not endless. */
const isName = (text: string | undefined): text is string =>
  text !== undefined && text.length <= maxNameLength && /^[^\p{Cc}\uFFFD]+$/u.test(text)

/**
 * Who logs in with a mechanism that sends the password as it is: PLAIN, whose answer is
 * `authorisation NUL name NUL password` (RFC 4616), or LOGIN, which sends the name first, each in
 * base64.
 *
 * @param command finds the command: the mechanism, the answer in the same line, that in the next
 * @returns undefined where no such thing was said; without name where it cannot be read
 */
export function saslUser(client: Bytes, command: RegExp): Metadata | undefined {
  const said = command.exec(client.text(0, maxBytes))
  if (said === null) return undefined
  const answer = decoded(said[2] ?? said[3])
  const name = said[1]?.toLowerCase() === 'plain' ? answer.split('\0')[1] : answer
  return isName(name) ? { userName: name } : {}
}
