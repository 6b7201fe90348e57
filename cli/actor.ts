import { userInfo } from 'node:os'
import { actorOf, principalOfUser } from '../model/principal.ts'
import type { Principal } from '../model/principal.ts'

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run as a number that no password file knows.
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}

/**
 * Who acts, as the audit names users of the command line. Behind sudo it is the person who called
 * it; that is what the environment says, and root could make it say anything.
 */
export function actorOfCommand(env = process.env): string {
  return actorOf(principalOfCommand(env))
}

/** As {@link actorOfCommand}, with what they may do. */
export function principalOfCommand(env = process.env): Principal {
  const caller = env['SUDO_USER']
  const user = userName()
  const name = caller === undefined || caller === '' ? user : `${caller} as ${user}`
  return principalOfUser(name.slice(0, 100))
}
