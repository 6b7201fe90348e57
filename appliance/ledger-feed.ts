/** A spool on its way into the ledger, and into the sums for reports. */
import { networkInterfaces } from 'node:os'
import type { LedgerGate } from './ledger-gate.ts'
import { makeLedgerPump } from './ledger-pump.ts'
import type { PumpedSpool } from './ledger-pump.ts'
import { parsePrefix } from '../model/address.ts'
import type { Config } from '../model/config.ts'
import type { Log } from '../model/log.ts'
import type { Networks } from '../model/nat-view.ts'
import { LedgerWriter } from '../store/ledger-writer.ts'
import type { NatRowWriter } from '../store/ledger-writer.ts'
import { Rollups } from '../store/rollups/rollups.ts'
import type { RollupOptions } from '../store/rollups/rollups.ts'
import type { SpoolPump } from '../store/spool-pump.ts'
import type { SpoolPosition } from '../store/spool-position.ts'

/** How long a look-up waits for the ledger to take what the spool holds (ms). */
const reachMs = 8000

/** What is ours: as configured, and this host's own addresses. */
export function networksOf(config: Config): Networks {
  const local = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .flatMap(({ address }) => parsePrefix(address.split('%')[0] ?? '') ?? [])
  return { inside: config.networks?.inside ?? [], local }
}

/** How the rows of a spool differ from slices, and what is measured beside them. */
export interface FeedOptions {
  readonly writeNatRows?: NatRowWriter
  readonly measure?: RollupOptions['measure']
}

export class LedgerFeed {
  readonly pump: SpoolPump
  readonly rollups: Rollups
  readonly writer: LedgerWriter
  readonly #pumping: Promise<void>

  /** Begins to pump. */
  constructor(
    config: Config,
    ledger: LedgerGate,
    spool: PumpedSpool,
    log: Log,
    given: FeedOptions = {}
  ) {
    const { measure } = given
    this.rollups = new Rollups({ ...config.reports, ...(measure === undefined ? {} : { measure }) })
    this.writer = new LedgerWriter(ledger.url, networksOf(config), given.writeNatRows, this.rollups)
    this.pump = makeLedgerPump(this.writer, config, spool, log, () => ledger.pass())
    this.#pumping = this.pump.run()
  }

  /** Resolves when the ledger holds the spool up to a position, or after a while. */
  reach(position: SpoolPosition): Promise<void> {
    return this.pump.reach(position, reachMs)
  }

  /** Takes over whose addresses are whose. */
  reload(config: Config): void {
    this.writer.useNetworks(networksOf(config))
  }

  /** Ends when what was spooled is in the ledger: after who spools has stopped. */
  async stop(): Promise<void> {
    this.pump.stop()
    await this.#pumping
    await this.writer.close()
  }
}
