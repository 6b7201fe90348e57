import { readdirSync, readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { normaliseMac } from '../../model/mac.ts'
import type { StreamedInterface } from '../../model/streamed-links.ts'

const folder = '/sys/class/net'

function read(name: string, attribute: string): string {
  try {
    return readFileSync(`${folder}/${name}/${attribute}`, 'utf8').trim()
  } catch {
    return ''
  }
}

/** How long an interface that is not there is not looked for again (ms). */
const patienceMs = 1000

/** Names of this host's interfaces by the kernel's numbers. */
export class InterfaceNames {
  private names = new Map<number, string>()
  private readMs = Number.NEGATIVE_INFINITY

  /** The name of a number; undefined where no interface has it now. */
  of(index: number): string | undefined {
    const known = this.names.get(index)
    if (known !== undefined || Date.now() - this.readMs < patienceMs) return known
    this.readMs = Date.now()
    try {
      const names = readdirSync(folder)
      this.names = new Map(names.map((name) => [Number(read(name, 'ifindex')), name]))
    } catch {
      // Without sysfs interfaces have no names.
    }
    return this.names.get(index)
  }
}

/** What the kernel says of an interface now. */
export function interfaceOf(name: string): StreamedInterface {
  return {
    mac: normaliseMac(read(name, 'address')),
    addresses: (networkInterfaces()[name] ?? []).map(({ address }) => address),
  }
}
