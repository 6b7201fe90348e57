import { randomBytes } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { FlowledgerError } from '../model/errors.ts'
import { loginNames } from './logins.ts'
import type { Login } from './logins.ts'

/** The password of each log-in of the embedded server. */
export type Credentials = Readonly<Record<Login, string>>

const credentialsSchema = z.record(z.enum(loginNames), z.string().min(16).max(128))

function pathIn(dataDir: string): string {
  return join(dataDir, 'credentials.json')
}

/** Reads the passwords; undefined where there are none yet. */
export async function readCredentials(dataDir: string): Promise<Credentials | undefined> {
  const path = pathIn(dataDir)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new FlowledgerError('permission-missing', `${path} cannot be read.`, {
      fix: 'Run the command as the user who runs flowledger.',
      cause: error,
    })
  }
  try {
    return credentialsSchema.parse(JSON.parse(text))
  } catch (error) {
    throw new FlowledgerError('database-unreachable', `${path} does not hold valid passwords.`, {
      fix: 'Restore it from a backup.',
      cause: error,
    })
  }
}

/**
 * Makes passwords at the first start. The file appears whole or not at all, and never replaces
 * one that is there: a server that was set up with lost passwords is closed for good.
 */
export async function makeCredentials(dataDir: string): Promise<Credentials> {
  const made = Object.fromEntries(
    loginNames.map((login) => [login, randomBytes(24).toString('base64url')])
  )
  const draft = `${pathIn(dataDir)}.${process.pid}`
  await writeFile(draft, `${JSON.stringify(made, undefined, 2)}\n`, { mode: 0o600, flush: true })
  await link(draft, pathIn(dataDir)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await rm(draft)
  const credentials = await readCredentials(dataDir)
  if (credentials === undefined) throw new Error('credentials.json vanished while it was made.')
  return credentials
}
