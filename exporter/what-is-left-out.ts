import type { ExportTarget, RecordSettings } from '../model/export-targets.ts'
import type { ExtraName } from '../model/fields.ts'
import { extraFields } from '../model/fields.ts'
import { flavoursOf } from './flavours.ts'
import { Layout } from './layout.ts'
import { protocols } from './protocols.ts'
import { uncarriedFields } from './record-items.ts'

/** Headers of IPv4 and IPv6 with UDP's: the smaller ones, so that nothing is feared too early. */
const headerBytes = 28

const every: ReadonlySet<ExtraName> = new Set(extraFields.map(({ name }) => name))

/** The longest record that needs no text, by family of all its addresses. */
function recordBytes(settings: RecordSettings, families: number): number {
  const protocol = protocols[settings.protocol]
  const lengths = flavoursOf(settings).map((flavour) => {
    const items = protocol.layout({ settings, flavour, families, extras: new Set(), bootUs: 0 })
    return typeof items === 'string' ? 0 : new Layout(0, items).leastBytes
  })
  return Math.max(...lengths)
}

/**
 * What a target will not be told, as sentences: fields that its protocol cannot carry, families
 * that it does not know, records that its packets have no room for.
 */
export function whatIsLeftOut(target: ExportTarget): string[] {
  const { protocol, transport, mtu, name } = target
  const sentences: string[] = []
  const { headerBytes: head, setHeaderBytes } = protocols[protocol]
  for (const [family, families] of [
    ['IPv4', 0],
    ['IPv6', 15],
  ] as const) {
    const needed = headerBytes + head + setHeaderBytes + recordBytes(target, families)
    if (transport === 'udp' && needed > mtu) {
      sentences.push(`${name}: an mtu of ${mtu} has no room for a record of ${family} (${needed}).`)
    }
  }
  if (protocol === 'netflow5') sentences.push(`${name}: NetFlow 5 carries IPv4 alone.`)
  else {
    const names = uncarriedFields({ settings: target, extras: every, bootUs: 0 })
    if (names.length > 0)
      sentences.push(`${name}: ${protocol} has no element for ${names.join(', ')}.`)
  }
  return sentences
}
