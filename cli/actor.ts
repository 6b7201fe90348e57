import { userInfo } from 'node:os'

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
  const caller = env['SUDO_USER']
  const user = userName()
  const name = caller === undefined || caller === '' ? user : `${caller} as ${user}`
  return `cli:${name.slice(0, 100)}`
}
