import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import type { ChildProcess } from 'node:child_process'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { collect } from '../../cli/demo/children.ts'
import type { RunResult } from '../../cli/demo/children.ts'
import { programArgv } from '../cli/run-flowledger.ts'
import type { Lab } from '../lab/gateway-lab.ts'
import { until } from '../until.ts'
import { holdRoot } from './reader-root.ts'

export const checkout = resolve(import.meta.dirname, '../..')

/** Where a reader works: in a gateway's network, under a root that is theirs to write. */
export interface World {
  /** Writes a file, and the folders that it is in. */
  write(path: string, content: string | Uint8Array, mode?: number): void
  /** Runs commands of the shell, with what is typed into them, to their end. */
  run(folder: string, text: string, typed?: string): Promise<RunResult>
  /** Runs a command that goes on, at a terminal, until it has printed something or has ended. */
  follow(folder: string, text: string): Promise<{ printed: string; ended: boolean }>
  /** Starts commands of the shell; they are ended with the gateway at the latest. */
  start(folder: string, text: string): ChildProcess
  /** Takes the folder away in which the root was; after the gateway is closed. */
  remove(): void
}

const environment = {
  PATH: '/srv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  SHELL: '/bin/bash',
  LANG: 'C.UTF-8',
  NO_COLOR: '1',
  // Who reads about PostgreSQL may act as its administrator.
  PGUSER: 'postgres',
  // There is nobody to ask for a newer npm, and npx would try for ten seconds.
  npm_config_offline: 'true',
  npm_config_update_notifier: 'false',
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

export async function makeWorld(lab: Lab): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-reader-'))
  const hidden = process.env['TEST_BUILT_PROGRAM'] === undefined ? [`${checkout}/dist`] : []
  const needed = [checkout, dirname(dirname(process.execPath))]
  const holder = String(await holdRoot(lab.topology, folder, needed, hidden))
  const root = `/proc/${holder}/root`
  if (statSync(root).dev === statSync('/').dev) throw new Error('the root is that of the machine')
  const enter = ['nsenter', '--target', holder, '--mount', '--uts', '--root', '--wd', '--']
  const tokenFile = `${root}/var/lib/flowledger/admin-token`
  const start: World['start'] = (at, text) => {
    const token = existsSync(tokenFile) ? { TOKEN: readFileSync(tokenFile, 'utf8').trim() } : {}
    const env = { ...environment, ...token }
    const argv = ['bash', '-c', `set -o pipefail; cd ${quoted(at)} || exit 99\n${text}`]
    return lab.topology.spawn(lab.topology.gateway, [...enter, ...argv], { env })
  }
  const write: World['write'] = (path, content, mode = 0o644) => {
    mkdirSync(join(root, dirname(path)), { recursive: true })
    writeFileSync(join(root, path), content, { mode })
  }
  const program = [process.execPath, ...programArgv].map(quoted).join(' ')
  write('/srv/bin/flowledger', `#!/bin/sh\nexec ${program} "$@"\n`, 0o755)
  // A status of HTTP that is an error is one of curl's.
  write('/root/.curlrc', 'fail-with-body\nsilent\nshow-error\n')
  return {
    write,
    start,
    run: (at, text, typed) => collect(start(at, text), typed),
    async follow(at, text) {
      const child = start(at, `exec script -qefc ${quoted(text)} /dev/null`)
      let printed = ''
      child.stdout?.setEncoding('utf8').on('data', (part: string) => (printed += part))
      const ended = (): boolean => child.exitCode !== null || child.signalCode !== null
      await until(() => /\S/.test(printed) || ended())
      const byItself = ended()
      child.kill('SIGTERM')
      return { printed, ended: byItself }
    },
    remove: () => rmdirSync(folder),
  }
}
