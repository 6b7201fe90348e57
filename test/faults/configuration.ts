import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Login } from '../../store/logins.ts'
import { radiusSecret } from './nas.ts'

/** Where the program of a world finds what. */
export interface Places {
  /** Of the files of the configuration. */
  readonly folder: string
  /** Of who collects. */
  readonly dataDir: string
  readonly api: string
  readonly netflow: string
  readonly radius: string
  readonly url: (login: Login) => string
  /** Where connections of its own kernel are exported to; left out: none are followed. */
  readonly exported?: string | undefined
}

/** What the collecting half is told. */
const collecting = ({ radius, netflow, exported }: Places): string => `
spool: { max_bytes: 128MiB, keep_free: 1MiB }
exporter: { targets: [${exported === undefined ? '' : `{ path: ${exported}, name: files }`}] }
collector:
  conntrack: { enabled: ${exported !== undefined} }
  identity:
    - kind: radius
      listen: "${radius}"
      clients: [{ name: nas, prefix: 0.0.0.0/0, secret: ${radiusSecret} }]
  netflow:
    listen: ["${netflow}"]
    exporters: [{ address: 0.0.0.0/0, name: gw, active_timeout: 1s }]
`

/** Everything in one process: one file, the log-in of the owner. */
export function configureTogether(places: Places): { answering: string; dataDir: string } {
  const { folder, dataDir, api, url } = places
  const answering = join(folder, 'config.yaml')
  const text = `data_dir: ${dataDir}
database: { url: ${JSON.stringify(url('owner'))} }
api: { listen: "${api}" }
${collecting(places)}`
  writeFileSync(answering, text)
  return { answering, dataDir }
}

/**
 * The halves apart, as packaging/systemd has them: each with a file, a data directory and log-ins
 * of its own; who answers reaches who collects by the socket of his data directory.
 */
export function configureApart(places: Places): { answering: string; dataDir: string } {
  const { folder, dataDir, api, url } = places
  const answeringDir = `${dataDir}-serve`
  mkdirSync(answeringDir, { mode: 0o700 })
  symlinkSync(join(dataDir, 'collector.sock'), join(answeringDir, 'collector.sock'))
  const quoted = (login: Login): string => JSON.stringify(url(login))
  writeFileSync(
    join(folder, 'collect.yaml'),
    `data_dir: ${dataDir}
database: { url: ${quoted('collector')}, identity_url: ${quoted('identity')} }
${collecting(places)}`
  )
  const answering = join(folder, 'serve.yaml')
  writeFileSync(
    answering,
    `data_dir: ${answeringDir}
database:
  url: ${quoted('lookup')}
  identity_url: ${quoted('identity')}
  directory_url: ${quoted('directory')}
  audit_url: ${quoted('audit')}
api: { listen: "${api}" }
`
  )
  return { answering, dataDir: answeringDir }
}
