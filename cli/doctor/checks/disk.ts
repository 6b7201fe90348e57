import { existsSync, statfsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { formatSize } from '../../../model/quantity.ts'
import { spoolFill, spoolState } from '../../../store/spool-room.ts'
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
  // One directory a kind of source; a spool that does not exist yet is an empty one.
  const fills = context.list(folder).map((name) => {
    const fill = spoolFill({ directory: join(folder, name), ...config.spool })
    return { name, ...fill, share: fill.usableBytes === 0 ? 1 : fill.usedBytes / fill.usableBytes }
  })
  const [fullest] = fills.toSorted((a, b) => b.share - a.share)
  if (fullest === undefined) return ok('the spool is empty')
  const { name, usedBytes, usableBytes, bound, share } = fullest
  const held = `${formatSize(usedBytes)} of the ${formatSize(usableBytes)} that it may take`
  const text = `the spool ${name} holds ${held} (${Math.floor(100 * share)} %)`
  const fix =
    bound === 'disk-full'
      ? 'make room on the disk of data_dir; the database may be what fills it'
      : 'see whether the database is reachable and fast enough; spool.max_bytes gives time'
  const state = spoolState(fullest)
  if (state === 'ok') return ok(text)
  return state === 'filling' ? warn(text, fix) : fail(text, fix)
}
