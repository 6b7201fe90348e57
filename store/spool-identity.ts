import { randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { FlowledgerError } from '../model/errors.ts'
import { syncPathNow } from './sync-path.ts'

const identity = z.strictObject({ source: z.string().min(1), spool: z.string().min(1) })

/**
 * Who writes a spool, and which spool it is; made once and kept beside the segments. The source
 * keeps the name of the host that it was first run on, so that a host that is renamed stays one
 * source. A spool that was lost and made anew is another, which the ledger has read nothing of. It
 * is flushed before it has its name, and with its name: rows that survive a loss of power, under
 * another name of their spool, would be written to the ledger a second time.
 *
 * @param part what of this host is written: its connections, or what it hears from others
 * @param name what the configuration calls this host; left out: as it is called
 * @throws FlowledgerError `config-invalid` where the spool is another source's: what it holds would
 *   be written to the ledger a second time, under the new name
 */
export function spoolIdentity(
  directory: string,
  part: 'conntrack' | 'netflow' | 'syslog' = 'conntrack',
  name?: string
): z.infer<typeof identity> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, 'identity.json')
  const host = name ?? hostname()
  const source = part === 'conntrack' ? host : `${host} ${part}`
  const made = { source, spool: `${part} ${randomUUID()}` }
  const draft = `${path}.${process.pid}`
  try {
    writeFileSync(draft, JSON.stringify(made), { mode: 0o600, flush: true })
    linkSync(draft, path)
    syncPathNow(directory)
    return made
  } catch {
    const parsed = identity.safeParse(parseJson(readFileSync(path, 'utf8')))
    if (parsed.success) {
      if (name !== undefined && source !== parsed.data.source)
        throw otherName(directory, parsed.data)
      return parsed.data
    }
    throw new FlowledgerError('spool-corrupt', `${path} is not what flowledger wrote.`, {
      fix: 'Restore it, or move the directory away: a new spool begins with a gap in coverage.',
    })
  } finally {
    rmSync(draft, { force: true })
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function otherName(directory: string, { source }: z.infer<typeof identity>): FlowledgerError {
  return new FlowledgerError('config-invalid', `${directory} is the spool of source "${source}".`, {
    fix: 'Give collector.name as it was, or move that directory away: a new one begins empty.',
  })
}
