import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { startEmbedded } from '../../store/embedded.ts'
import type { EmbeddedServer } from '../../store/embedded.ts'

/**
 * Starts a server that is not the program's own. Who is let in is a matter of passwords, as with a
 * server that Debian installs: also the API, whose process has no rights, reaches its socket.
 */
export async function startOutsideServer(dataDir: string): Promise<EmbeddedServer> {
  const server = await startEmbedded(dataDir)
  chmodSync(server.socketDir, 0o711)
  chmodSync(join(server.socketDir, '.s.PGSQL.5432'), 0o777)
  return server
}
