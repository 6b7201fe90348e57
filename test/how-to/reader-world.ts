import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { collect } from '../../cli/demo/children.ts'
import { programArgv } from '../cli/run-flowledger.ts'
import type { Lab } from '../lab/gateway-lab.ts'
import { makeClone, npmEnvironment } from './reader-clone.ts'
import { holdRoot } from './reader-root.ts'
import { quoted } from './reader-shell.ts'
import type { Shell } from './reader-shell.ts'
import { makeTerminal } from './reader-terminal.ts'
import type { Terminal } from './reader-terminal.ts'

export const checkout = resolve(import.meta.dirname, '../..')

/** Where a reader works: in a gateway's network, under a root that is theirs to write. */
export interface World extends Shell, Terminal {
  /** Writes a file, and the folders that it is in. */
  write(path: string, content: string | Uint8Array, mode?: number): void
  /** As {@link World.run}, where the registry of npm is within reach. */
  readonly runOnline: World['run']
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

export async function makeWorld(lab: Lab): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-reader-'))
  const hidden = process.env['TEST_BUILT_PROGRAM'] === undefined ? [`${checkout}/dist`] : []
  const needed = [checkout, dirname(dirname(process.execPath))]
  const holder = String(await holdRoot(lab.topology, folder, needed, hidden))
  const root = `/proc/${holder}/root`
  if (statSync(root).dev === statSync('/').dev) throw new Error('the root is that of the machine')
  const enter = ['nsenter', '--target', holder, '--mount', '--uts', '--root', '--wd', '--']
  const tokenFile = `${root}/var/lib/flowledger/admin-token`
  const argvOf = (at: string, text: string): string[] => {
    const script = `set -o pipefail; cd ${quoted(at)} || exit 99\n${text}`
    return [...enter, 'bash', '-c', script]
  }
  const start: World['start'] = (at, text) => {
    const token = existsSync(tokenFile) ? { TOKEN: readFileSync(tokenFile, 'utf8').trim() } : {}
    const env = { ...environment, ...token }
    return lab.topology.spawn(lab.topology.gateway, argvOf(at, text), { env })
  }
  const write: World['write'] = (path, content, mode = 0o644) => {
    mkdirSync(join(root, dirname(path)), { recursive: true })
    writeFileSync(join(root, path), content, { mode })
  }
  const program = [process.execPath, ...programArgv].map(quoted).join(' ')
  write('/srv/bin/flowledger', `#!/bin/sh\nexec ${program} "$@"\n`, 0o755)
  // A status of HTTP that is an error is one of curl's.
  write('/root/.curlrc', 'fail-with-body\nsilent\nshow-error\n')
  const run: World['run'] = (at, text, typed) => collect(start(at, text), typed)
  makeClone(root)
  return {
    write,
    start,
    run,
    runOnline(at, text, typed) {
      const [command = '', ...argv] = argvOf(at, text)
      return collect(spawn(command, argv, { env: { ...environment, ...npmEnvironment() } }), typed)
    },
    ...makeTerminal({ start, run }),
    remove: () => rmdirSync(folder),
  }
}
