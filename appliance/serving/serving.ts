/** The answering half of the appliance: ledger and open flows -> look-up API -> people. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { startAnswering } from './api.ts'
import { startApart } from './apart/host.ts'
import type { Apart } from './apart/host.ts'
import { letRead } from './apart/let-read.ts'
import { surroundingsHere } from './surroundings.ts'
import type { Served } from './surroundings.ts'
import type { LedgerGate } from '../ledger-gate.ts'
import type { Config } from '../../model/config.ts'
import type { Log } from '../../model/log.ts'
import { openDatabase } from '../../store/database.ts'
import type { DatabaseUrls } from '../../store/database-url.ts'
import { createToken, listTokens } from '../../store/tokens.ts'

export interface Serving {
  describe(): string[]
  /** Takes over whose addresses are whose. */
  reload(config: Config): void
  stop(): Promise<void>
}

/**
 * The first start leaves an administrator's token where only the owner of the directory reads it.
 */
async function firstToken(url: string, path: string): Promise<void> {
  const audit = openDatabase(url, 1)
  try {
    if ((await listTokens(audit)).length > 0) return
    const name = 'administrator (first start)'
    const token = await createToken(audit, { name, role: 'administrator' })
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `${token}\n`, { mode: 0o600, flush: true })
  } finally {
    await audit.close()
  }
}

/**
 * Starts the answering half: where root collects, in a process of its own that has no rights, and
 * what collects here answers its questions; else in this process.
 *
 * @param apart whose the process is to be; left out: there is none
 */
export async function startServing(
  config: Config,
  urls: DatabaseUrls,
  served: Served,
  log: Log,
  apart?: Apart
): Promise<Serving> {
  let inForce = config
  const surroundings = surroundingsHere(() => inForce, served)
  // The first start makes the token and the key that signs evidence.
  const tokenFile = join(config.dataDir, 'admin-token')
  await tokenWhereOpen(served.ledger, () => firstToken(urls.audit, tokenFile), log)
  await surroundings.evidence.signer()
  if (apart !== undefined) await letRead(config.archive.directory, apart.gid)
  const api =
    apart === undefined
      ? await startAnswering(config, urls, surroundings, log)
      : await startApart(config, urls, surroundings, log, apart)
  return {
    describe: () => [
      `Answering look-ups on http://${api.address} (description: /openapi.json).`,
      ...(apart === undefined ? [] : [`They are answered by a process of the user ${apart.name}.`]),
      readable(tokenFile)
        ? `The administrator's token is in ${tokenFile}.`
        : 'Tokens are made with "flowledger token create".',
    ],
    reload(next) {
      inForce = next
      api.reload(next)
    },
    stop: () => api.stop(),
  }
}

/** While the database is away questions are refused, and nobody needs a token for that. */
async function tokenWhereOpen(
  ledger: LedgerGate | undefined,
  make: () => Promise<void>,
  log: Log
): Promise<void> {
  if (ledger === undefined || ledger.isOpen) return await make()
  ledger.opened.then(make).catch((error: unknown) => {
    log.error(`The administrator's token could not be made: ${String(error)} Start again for it.`)
  })
}

function readable(path: string): boolean {
  try {
    return readFileSync(path).length > 0
  } catch {
    return false
  }
}
