import { isV4, prefixHolds } from '../../model/address.ts'
import type { Prefix } from '../../model/address.ts'
import type { Dialect } from './dialects.ts'

/** What is said of the exporters of a prefix. */
export interface ExporterSettings {
  readonly prefix: Prefix
  /** Name of the source in the ledger; left out: its address. */
  readonly name?: string
  /** True where exporters behind one address are told apart by their port. */
  readonly portInKey: boolean
  /** Left out: learnt from what it sends. */
  readonly dialect?: Dialect
  /** Longest time after which a flow is told of (us); left out: learnt, and 30 minutes until then. */
  readonly activeTimeoutUs?: number
  /** Added to every time that it tells (us). */
  readonly clockOffsetUs: number
  /** True where the address that it says it has (elements 130, 131) is believed: behind a relay. */
  readonly trustExporterAddress: boolean
  /** False where its sequence numbers are known to be wrong. */
  readonly checkSequence: boolean
  /** One of so many packets is counted, whatever it says; left out: what it says. */
  readonly samplingInterval?: number
}

/** What holds for who is not named. */
export const defaultSettings: Omit<ExporterSettings, 'prefix'> = {
  portInKey: false,
  clockOffsetUs: 0,
  trustExporterAddress: false,
  checkSequence: true,
}

const everybody: ExporterSettings = {
  ...defaultSettings,
  prefix: { words: [0, 0, 0, 0], masks: [0, 0, 0, 0], length: 0 },
}

/**
 * The settings of an address: those of the longest prefix. Where exporters are named, nobody else is
 * listened to.
 */
export function settingsFor(
  list: readonly ExporterSettings[],
  w0: number,
  w1: number,
  w2: number,
  w3: number
): ExporterSettings | undefined {
  if (list.length === 0) return everybody
  let best: ExporterSettings | undefined
  for (const settings of list) {
    const isLonger = best === undefined || settings.prefix.length > best.prefix.length
    const familyFits = settings.prefix.length > 0 || !isV4(w0, w1, w2)
    if (isLonger && familyFits && prefixHolds(settings.prefix, w0, w1, w2, w3)) best = settings
  }
  return best
}
