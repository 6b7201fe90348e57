import { openSync } from 'node:fs'
import { join } from 'node:path'

/** sun_path of a struct sockaddr_un holds 108 octets with the final zero (unix(7)). */
const maxSocketPath = 107

/**
 * The path of the collector's socket in a data directory, in a form that fits: a longer one is
 * reached through a descriptor of the directory, which stays open for as long as the process lives.
 */
export function collectorSocket(dataDir: string): string {
  const path = join(dataDir, 'collector.sock')
  if (Buffer.byteLength(path) <= maxSocketPath) return path
  return `/proc/self/fd/${openSync(dataDir, 'r')}/collector.sock`
}
