import { chmodSync, existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** This program's own entry, whether we run from source or compiled (one folder deeper). */
function entryFile(): string {
  const places = ['../../bin/flowledger.js', '../../../bin/flowledger.js']
  const files = places.map((place) => fileURLToPath(new URL(place, import.meta.url)))
  const file = files.find((name) => existsSync(name))
  if (file === undefined) throw new Error(`The program is at none of ${files.join(', ')}.`)
  return file
}

/** A data directory of the demo's own, with the configuration that points at it. */
export interface Ledger {
  readonly folder: string
  readonly configFile: string
}

/** Makes the ledger's folder under the system's temporary directory; the caller removes it. */
export function makeLedger(settings = ''): Ledger {
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-demo-'))
  // The embedded server runs as a user of its own and has to pass through.
  chmodSync(folder, 0o711)
  const configFile = join(folder, 'config.yaml')
  writeFileSync(configFile, `data_dir: ${JSON.stringify(join(folder, 'ledger'))}\n${settings}`)
  return { folder, configFile }
}

/**
 * The command line that runs a command of ours on the demo's ledger. Variables that name another
 * ledger are taken out of its environment: a demo must never write into, or read from, a real one.
 */
export function selfArgv(ledger: Ledger, args: readonly string[]): string[] {
  return [process.execPath, entryFile(), ...args, '--config', ledger.configFile]
}

/** Variables that would lead to another ledger or another database. */
const misleading = /^(DATABASE_URL$|FLOWLEDGER_|PG)/

/** See {@link selfArgv}. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !misleading.test(name)))
}
