import type { Appliance, ApplianceOptions } from '../model/appliance.ts'
import type { Config } from '../model/config.ts'
import { exitCodes, FlowledgerError } from '../model/errors.ts'
import type { Log } from '../model/log.ts'
import type { CommonFlags } from './config/layers.ts'
import { loadConfig } from './config/load.ts'
import type { LoadedConfig } from './config/load.ts'
import { lockDataDir } from './data-dir-lock.ts'
import { makeLog } from './log.ts'
import { serviceManager } from './service-manager.ts'

/** Signals as promises, listened to from before the start, so that one during it is not lost. */
interface Signals {
  /** Resolves at the first SIGTERM or SIGINT. */
  readonly stop: Promise<NodeJS.Signals>
  /** Calls back at each SIGHUP, one call at a time. */
  onReload(callback: () => Promise<void>): void
}

/**
 * A second SIGTERM or SIGINT ends the process at once: the spool, and the cursor in the database,
 * make that safe, only slower to start from.
 */
function listenToSignals(): Signals {
  let stopping = false
  let reloads = Promise.resolve()
  let callback: (() => Promise<void>) | undefined
  const stop = new Promise<NodeJS.Signals>((resolve) => {
    const end = (signal: NodeJS.Signals): void => {
      if (stopping) process.exit(signal === 'SIGINT' ? 130 : 143)
      stopping = true
      resolve(signal)
    }
    process.on('SIGTERM', end)
    process.on('SIGINT', end)
  })
  process.on('SIGHUP', () => {
    reloads = reloads.then(() => (stopping ? undefined : callback?.()))
  })
  return {
    stop,
    onReload(next) {
      callback = next
    },
  }
}

/**
 * Reads the configuration again for a running program. A wrong one changes nothing: what runs keeps
 * running as it was, and the log says what is wrong.
 */
async function reload(
  appliance: Appliance,
  before: Config,
  flags: CommonFlags,
  log: Log
): Promise<Config> {
  try {
    const { config } = loadConfig(flags)
    await appliance.reload(config)
    log.info('The configuration was read again and is in force.')
    return config
  } catch (error) {
    const sentence = error instanceof FlowledgerError ? error.sentence : String(error)
    log.error(`The configuration was not taken, the old one stays in force: ${sentence}`)
    return before
  }
}

/** Which halves to run, and under which name the data directory is locked. */
export interface Halves extends Omit<ApplianceOptions, 'log'> {
  readonly command: string
}

/** Starts the appliance, tells `announce` when it runs, and ends it when a signal comes. */
export async function runUntilStopped(
  loaded: LoadedConfig,
  flags: CommonFlags,
  halves: Halves,
  announce: (appliance: Appliance) => void | Promise<void>
): Promise<number> {
  const log = makeLog()
  const signals = listenToSignals()
  const manager = serviceManager(process.env, (errno) =>
    log.warn('The service manager could not be told.', { errno })
  )
  let { config } = loaded
  // Only who writes needs the directory to itself; answering look-ups shares it.
  const lock = halves.collect ? lockDataDir(config.dataDir, halves.command) : undefined
  try {
    const { runAppliance } = await import('../appliance.ts')
    const { collect, serve } = halves
    const appliance = await runAppliance(config, { collect, serve, log })
    signals.onReload(async () => {
      manager.reloading()
      config = await reload(appliance, config, flags, log)
      manager.ready()
    })
    await announce(appliance)
    manager.ready()
    const signal = await signals.stop
    log.info(`${signal} received: finishing what was begun. A second one ends at once.`)
    manager.stopping()
    await appliance.stop()
    log.info('Stopped.')
    return exitCodes.ok
  } finally {
    manager.close()
    lock?.release()
  }
}
