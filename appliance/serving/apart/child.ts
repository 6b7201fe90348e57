/** Starts the process of the API, as a user without rights. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** Whose the process is. */
export interface Apart {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** Of util-linux, on every Debian. */
const setpriv = '/usr/bin/setpriv'

/** What of the environment is no secret and concerns how it runs. */
const handedOn = /^(PATH|TZ|LANG|LC_\w+|NO_COLOR|NODE_EXTRA_CA_CERTS|SSL_CERT_\w+|\w+_PROXY)$/i

/** The file that the process runs: compiled as it stands, from source through tsx. */
export function apiArgv(): string[] {
  const compiled = import.meta.url.endsWith('.js')
  const file = new URL(compiled ? './process.js' : './process.ts', import.meta.url)
  if (compiled) return [fileURLToPath(file)]
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  return ['--import', tsx, fileURLToPath(file)]
}

/**
 * Starts it with a socket pair at descriptor 3. With setpriv it can never gain a right again, by no
 * program that it starts; without, it only has none.
 */
export function startChild({ uid, gid }: Apart): ChildProcess {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => handedOn.test(name))
  )
  const argv = apiArgv()
  const options = { cwd: '/', env, stdio: ['ignore', 'ignore', 'inherit', 'pipe'] as const }
  if (!existsSync(setpriv)) {
    return spawn(process.execPath, argv, { ...options, stdio: [...options.stdio], uid, gid })
  }
  const dropped = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs']
  const program = [...dropped, '--inh-caps=-all', '--', process.execPath, ...argv]
  return spawn(setpriv, program, { ...options, stdio: [...options.stdio] })
}
