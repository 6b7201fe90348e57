import { formatWords } from '../../../model/address.ts'
import type { IdentityFileKind } from '../../../model/identity-sources.ts'
import type { ReaderOptions } from '../../../collector/identity/reader.ts'
import type { IdentityEvent } from '../../../model/identity.ts'
import { read } from './conformance/samples.ts'
import type { Read } from './conformance/samples.ts'

/** Reads a text as one kind. */
export function reading(
  kind: IdentityFileKind,
  text: string | Buffer,
  options: Partial<ReaderOptions> = {}
): Read {
  return read({ kind, header: '', records: [] }, [text], options)
}

const shown = (us: number | undefined): string | undefined => {
  if (us === undefined || us === Infinity) return us === undefined ? undefined : 'never'
  return new Date(us / 1000).toISOString().slice(0, 19)
}

/** The statements as short texts: what, address, device, times. */
export function lines(events: readonly IdentityEvent[]): string[] {
  return events.map((event) => {
    const { what, prefix, device, user, startUs, atUs, untilUs, sureUs, weak } = event
    const bits = prefix === undefined ? 0 : prefix.length
    const address = prefix === undefined ? '-' : formatWords(prefix.words)
    const parts = [
      what,
      bits === 128 || bits === 0 ? address : `${address}/${bits}`,
      user ?? device.mac ?? device.duid ?? device.clientId ?? '-',
      shown(atUs),
      startUs === undefined ? '' : `from ${shown(startUs)}`,
      untilUs === undefined ? '' : `until ${shown(untilUs)}`,
      sureUs === undefined ? '' : `sure ${shown(sureUs)}`,
      weak === true ? 'weak' : '',
    ]
    return parts.filter((part) => part !== '').join(' ')
  })
}
