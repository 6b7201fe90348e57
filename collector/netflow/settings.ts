import { isV4, prefixHolds } from '../../model/address.ts'
import type { NetflowExporterConfig } from '../../model/netflow-settings.ts'

/** What is said of the exporters of a prefix. */
export type ExporterSettings = NetflowExporterConfig

/** What is said of everybody. */
export type ExporterSettingsList = readonly ExporterSettings[]

/** What holds where nobody is named. */
const everybody: ExporterSettings = {
  prefix: { words: [0, 0, 0, 0], masks: [0, 0, 0, 0], length: 0 },
  portInKey: false,
  clockOffsetUs: 0,
  trustExporterAddress: false,
  checkSequence: true,
}

/**
 * The settings of an address: those of the longest prefix. Where exporters are named, nobody else
 * is listened to.
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
