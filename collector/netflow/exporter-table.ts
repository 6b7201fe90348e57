import { formatWords } from '../../model/address.ts'
import type { AddressWords } from '../../model/address.ts'
import { Exporter } from './exporter.ts'
import { maxExporters } from './limits.ts'
import type { MessageHead } from './message.ts'
import type { ExporterSettings } from './settings.ts'

/** How exporters become known. */
export interface ExporterTableOptions {
  /** Undefined: nobody of that address is listened to. */
  readonly settingsOf: (
    w0: number,
    w1: number,
    w2: number,
    w3: number
  ) => ExporterSettings | undefined
  /** Called for each exporter as it comes up, before its first record. */
  readonly began?: (exporter: Exporter) => void
}

/** Addresses that are refused, and told apart: the first so many. */
const maxRefused = 256

/** Slots of the quick way from an address and domain to its exporter. */
const recentSlots = 4096

/** The exporters that are heard, each with one of its observation domains. */
export class ExporterTable {
  readonly all = new Map<string, Exporter>()
  refusedAddress = 0
  refusedExporters = 0
  /** Datagrams of who is not on the list, by address. */
  readonly refusedBy = new Map<string, number>()
  private readonly options: ExporterTableOptions
  private readonly recent: (Exporter | undefined)[] = Array.from({ length: recentSlots })

  constructor(options: ExporterTableOptions) {
    this.options = options
  }

  /** Adds an exporter that an earlier run of the program knew. */
  restore(exporter: Exporter): void {
    this.all.set(keyOf(exporter.address, exporter.keyPort, exporter.domain), exporter)
    this.options.began?.(exporter)
  }

  /** Who sent this; undefined where he is not listened to, or one too many. */
  exporterOf(
    w0: number,
    w1: number,
    w2: number,
    w3: number,
    port: number,
    { domain, version }: MessageHead
  ): Exporter | undefined {
    const hash = (Math.imul(w0 ^ w1 ^ w2, 31) ^ Math.imul(w3, 0x9e3779b1) ^ domain ^ port) >>> 0
    const slot = (hash ^ (hash >>> 15)) & (recentSlots - 1)
    const recent = this.recent[slot]
    if (recent !== undefined && isThat(recent, w0, w1, w2, w3, port, domain)) return recent
    const settings = this.options.settingsOf(w0, w1, w2, w3)
    if (settings === undefined) {
      this.refuse([w0, w1, w2, w3])
      return undefined
    }
    const keyPort = settings.portInKey ? port : 0
    const address: AddressWords = [w0, w1, w2, w3]
    const key = keyOf(address, keyPort, domain)
    let exporter = this.all.get(key)
    if (exporter === undefined) {
      if (this.all.size >= maxExporters) {
        this.refusedExporters++
        return undefined
      }
      exporter = new Exporter(address, keyPort, domain, version, settings)
      this.all.set(key, exporter)
      this.options.began?.(exporter)
    }
    this.recent[slot] = exporter
    return exporter
  }

  private refuse(address: AddressWords): void {
    this.refusedAddress++
    const text = formatWords(address)
    const known = this.refusedBy.get(text)
    if (known === undefined && this.refusedBy.size >= maxRefused) return
    this.refusedBy.set(text, (known ?? 0) + 1)
  }
}

function isThat(
  exporter: Exporter,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
  port: number,
  domain: number
): boolean {
  const { address, keyPort } = exporter
  return (
    exporter.domain === domain &&
    (exporter.settings.portInKey ? keyPort === port : true) &&
    address[3] === w3 &&
    address[2] === w2 &&
    address[1] === w1 &&
    address[0] === w0
  )
}

/** What tells exporters apart. */
function keyOf(address: AddressWords, keyPort: number, domain: number): string {
  return `${address.join('.')} ${keyPort} ${domain}`
}
