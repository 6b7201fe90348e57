import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { tlsWithin } from './tls-within.ts'

/** Commands before STARTTLS are few and short. */
const maxCommandBytes = 4096

/**
 * The TLS hello that follows a client's command to switch: `STARTTLS`, `STLS`, `AUTH TLS`.
 *
 * @param command the line, from its beginning to its line feed
 * @returns undefined where the command was not said; empty while the hello is not whole
 */
export function afterCommand(client: Bytes, command: RegExp): Metadata | undefined {
  const said = command.exec(client.text(0, maxCommandBytes))
  if (said === null) return undefined
  return tlsWithin(client, said.index + said[0].length)
}
