import { existsSync, readFileSync } from 'node:fs'
import { FlowledgerError } from '../model/errors.ts'
import { labelBytes } from '../netlink/conntrack-requests.ts'

/** Where distributions keep the names of connection labels. */
const usualFiles = ['/etc/xtables/connlabel.conf', '/etc/connlabel.conf']

/** Bits that our own targets take, from the first on; what each says never changes. */
const ownOffset = { dscp: 0, reset: 64, blockReset: 65, blockDrop: 66 } as const
const ownBits = 67

export interface LabelSettings {
  /** Left out: the file that the distribution has. */
  readonly connlabelConf?: string | undefined
  /** The highest bit there is. */
  readonly maxBits: number
  /** The first of the bits of our own targets. */
  readonly ownBits: number
}

/*
 * connlabel.conf, a label a line: its bit, white space, its name; # begins a remark.
 *
 *   0 zoom
 *   1 netify-games
 */
function readNames(settings: LabelSettings): { names: Map<string, number>; path: string } {
  const paths = settings.connlabelConf === undefined ? usualFiles : [settings.connlabelConf]
  for (const path of paths) {
    // Most hosts have none; an error costs more to make than to see that.
    if (!existsSync(path)) continue
    let text: string
    try {
      text = readFileSync(path, 'utf8')
    } catch {
      continue
    }
    const lines = text.split('\n').map((line) => /^\s*(\d{1,5})\s+(\S[^\r]*?)\s*$/.exec(line))
    const entries = lines.flatMap((match) =>
      match?.[2] === undefined ? [] : [[match[2], Number(match[1])] as const]
    )
    return { names: new Map(entries), path }
  }
  return { names: new Map(), path: paths[0] ?? '' }
}

/** Labels by name and by bit, and those that our own targets use. */
export class ConnectionLabels {
  readonly path: string
  private readonly names: ReadonlyMap<string, number>
  private readonly settings: LabelSettings

  constructor(settings: LabelSettings) {
    this.settings = settings
    const { names, path } = readNames(settings)
    this.names = names
    this.path = path
  }

  /** Equal of labels that mean the same. */
  get key(): string {
    return JSON.stringify([this.settings, [...this.names]])
  }

  /** The bit of a name that the file has; undefined where it has none. */
  find(name: string): number | undefined {
    return this.names.get(name)
  }

  /**
   * The bit of a label by name or number.
   *
   * @throws FlowledgerError `rules-invalid`
   */
  bit(label: string | number): number {
    const isNumber = /^\d{1,5}$/.test(String(label))
    const bit = this.names.get(String(label)) ?? (isNumber ? Number(label) : undefined)
    if (bit === undefined) {
      throw new FlowledgerError('rules-invalid', `There is no label ${label} in ${this.path}.`, {
        fix: `Add a line "<bit> ${label}" to it, or name the label by its bit.`,
      })
    }
    const highest = Math.min(this.settings.maxBits, 8 * labelBytes - 1)
    if (bit <= highest) return bit
    throw new FlowledgerError('rules-invalid', `Label ${bit} is above the highest, ${highest}.`)
  }

  /**
   * The bit by which one of our own rules knows a connection.
   *
   * @throws FlowledgerError `rules-invalid` where the file gives that bit to somebody else
   */
  own(what: keyof typeof ownOffset, number = 0): number {
    const { maxBits, ownBits: first } = this.settings
    const bit = first + ownOffset[what] + number
    const fix = `Choose labels.own_bits so that ${ownBits} bits from it on are nobody's.`
    const taken = [...this.names].find(([, other]) => other === bit)?.[0]
    if (taken !== undefined) {
      throw new FlowledgerError('rules-invalid', `Bit ${bit} is ${taken} in ${this.path}.`, { fix })
    }
    if (bit <= Math.min(maxBits, 8 * labelBytes - 1)) return bit
    throw new FlowledgerError('rules-invalid', `There is no label ${bit}.`, { fix })
  }
}

/** Labels with these bits set. */
export function labelsOf(bits: Iterable<number>): Uint8Array {
  const labels = new Uint8Array(labelBytes)
  for (const bit of bits) labels[bit >> 3] = (labels[bit >> 3] ?? 0) | (1 << (bit & 7))
  return labels
}
