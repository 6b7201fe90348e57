import type { Config } from './config.ts'
import type { Log } from './log.ts'

/** Which halves of the program run: `up` both, `collect` and `serve` one each. */
export interface ApplianceOptions {
  readonly collect: boolean
  readonly serve: boolean
  readonly log: Log
}

/** The running program, as the command line holds it. */
export interface Appliance {
  /** Ends once what was collected is safe and every answer under way is given. */
  stop(): Promise<void>
  /**
   * Takes over what a validated configuration changes.
   *
   * @throws FlowledgerError where it cannot; the old configuration then stays in force
   */
  reload(config: Config): Promise<void>
  /** What it is doing, in plain sentences, one a line. */
  describe(): string[]
}

/** What the wiring offers to the command line. */
export type RunAppliance = (config: Config, options: ApplianceOptions) => Promise<Appliance>
