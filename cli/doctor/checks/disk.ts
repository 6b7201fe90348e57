import { existsSync, statfsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { formatSize } from '../../../model/quantity.ts'
import { spoolSize } from '../../../store/spool-segments.ts'
import { fail, ok, warn } from '../finding.ts'
import type { CheckContext, Finding } from '../finding.ts'

/** Less than this and not even the database can write what it needs to shut down in order. */
const leastFreeBytes = 256 << 20

/** The directory, or the nearest above it that is there already. */
function existing(path: string): string {
  return existsSync(path) || path === '/' ? path : existing(dirname(path))
}

/** Does the spool find room if the database is away? */
export function diskSpace({ config }: CheckContext): Finding {
  const { bavail, bsize } = statfsSync(existing(config.dataDir))
  const free = bavail * bsize
  const text = `${formatSize(free)} free for ${config.dataDir}`
  const fix = 'make room, put data_dir on a larger disk, or lower spool.max_bytes'
  if (free < leastFreeBytes) return fail(text, fix)
  return free < config.spool.maxBytes
    ? warn(`${text}, less than spool.max_bytes (${formatSize(config.spool.maxBytes)})`, fix)
    : ok(text)
}

/** Does the database keep up with what is collected? */
export function spool(context: CheckContext): Finding {
  const { config } = context
  const folder = join(config.dataDir, 'spool')
  // One directory a source; a spool that does not exist yet is an empty one.
  const sources = context.list(folder).map((name) => join(folder, name))
  const used = sources.reduce((sum, source) => sum + spoolSize(source), 0)
  const text = `the spool holds ${formatSize(used)} of at most ${formatSize(config.spool.maxBytes)}`
  const fix = 'see whether the database is reachable and fast enough; spool.max_bytes gives time'
  if (used > 0.9 * config.spool.maxBytes) return fail(text, fix)
  return used > 0.5 * config.spool.maxBytes ? warn(text, fix) : ok(text)
}
