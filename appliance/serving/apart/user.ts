import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { requireSystemUser } from '../../../store/embedded-user.ts'
import type { Log } from '../../../model/log.ts'
import { apiArgv } from './child.ts'
import type { Apart } from './child.ts'

const account = 'flowledger-serve'

/** The socket of the embedded server, for its own user and for the group of that. */
const serverSocket = (socketDir: string): string => `${socketDir}/.s.PGSQL.5432`

/** True where a user may walk to a file and read it. */
async function mayRead(file: string, uid: number, gid: number): Promise<boolean> {
  for (let path = file; ; path = dirname(path)) {
    const stats = await stat(path)
    const bit = path === file ? 0o4 : 0o1
    const place = stats.uid === uid ? bit << 6 : stats.gid === gid ? bit << 3 : bit
    if ((stats.mode & place) === 0) return false
    if (path === dirname(path)) return true
  }
}

/**
 * Whose the API's process is, where root runs this one: `flowledger-serve`, which is made where it
 * is missing. Undefined where this process has no more rights than that, or where that user could
 * not read the program.
 *
 * @param socketDir where the embedded server listens; left out: there is none
 * @throws FlowledgerError `permission-missing` where there is no such user and none can be made
 */
export async function apartUser(
  socketDir: string | undefined,
  log: Log
): Promise<Apart | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const ids = await requireSystemUser(account, 'Root does not answer the network')
  // The server's group is whom it lets to its socket; its files are closed to that.
  const gid = socketDir === undefined ? ids.gid : (await stat(serverSocket(socketDir))).gid
  const program = apiArgv().at(-1) ?? ''
  for (const file of [process.execPath, program]) {
    if (await mayRead(file, ids.uid, gid)) continue
    log.warn(
      `The API runs as root: the user ${account} may not read ${file}. ` +
        'Install flowledger where everybody may read it, such as by its package.'
    )
    return undefined
  }
  return { name: account, uid: ids.uid, gid }
}
