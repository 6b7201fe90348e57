import { isV4 } from '../model/address.ts'
import type { AddressWords } from '../model/address.ts'
import { align4 } from '../netlink/messages.ts'
import type { FlowEnd } from '../model/classified-flow.ts'
import type { ElementField, IpVersion } from './kernel/needs.ts'
import type { Verdict } from './outcome.ts'

const ifnameBytes = 16

export function versionOf({ flow }: Verdict): IpVersion {
  const [w0, w1, w2] = flow.local.address
  return isV4(w0, w1, w2) ? 4 : 6
}

export function addressBytes({ address }: FlowEnd, version: IpVersion): Buffer {
  const bytes = Buffer.allocUnsafe(version === 4 ? 4 : 16)
  writeAddress(bytes, 0, address, version)
  return bytes
}

/** Undefined where it is not known. */
export function macBytes({ mac }: FlowEnd): Buffer | undefined {
  return mac === undefined ? undefined : Buffer.from(mac.replaceAll(':', ''), 'hex')
}

/** Octets of each field of a key, as nftables compares them. */
function widthOf(field: ElementField, version: IpVersion): number {
  if (field === 'local_addr' || field === 'other_addr') return version === 4 ? 4 : 16
  if (field === 'local_mac' || field === 'other_mac') return 6
  if (field === 'local_port' || field === 'other_port') return 2
  if (field === 'ip_proto') return 1
  return field === 'mark' ? 4 : ifnameBytes
}

function writeAddress(key: Buffer, at: number, address: AddressWords, version: IpVersion): void {
  if (version === 4) key.writeUInt32BE(address[3], at)
  else for (let i = 0; i < 4; i++) key.writeUInt32BE(address[i] ?? 0, at + 4 * i)
}

/**
 * Writes one field of a key: in the net's order, but for the mark.
 *
 * @returns false where the connection does not have it
 */
function writeField(
  key: Buffer,
  at: number,
  field: ElementField,
  { flow, entry }: Verdict,
  version: IpVersion
): boolean {
  switch (field) {
    case 'local_addr':
    case 'other_addr':
      writeAddress(key, at, (field === 'local_addr' ? flow.local : flow.other).address, version)
      return true
    case 'local_port':
    case 'other_port':
      key.writeUInt16BE((field === 'local_port' ? flow.local : flow.other).port, at)
      return true
    case 'ip_proto':
      key[at] = flow.ipProtocol
      return true
    case 'mark':
      key.writeUInt32LE(entry.mark, at)
      return true
    case 'interface':
      if (flow.interface === undefined) return false
      key.write(flow.interface.slice(0, ifnameBytes - 1), at)
      return true
    default: {
      const mac = macBytes(field === 'local_mac' ? flow.local : flow.other)
      mac?.copy(key, at)
      return mac !== undefined
    }
  }
}

/**
 * The key of a verdict in a set of nftables: fields one behind the other, each of several padded to
 * four octets.
 *
 * @returns undefined where the connection lacks a field
 */
export function nftKeyOf(fields: readonly ElementField[], verdict: Verdict): Buffer | undefined {
  const version = versionOf(verdict)
  const isSingle = fields.length === 1
  let length = 0
  for (const field of fields) {
    const width = widthOf(field, version)
    length += isSingle ? width : align4(width)
  }
  const key = Buffer.alloc(length)
  let at = 0
  for (const field of fields) {
    if (!writeField(key, at, field, verdict, version)) return undefined
    at += align4(widthOf(field, version))
  }
  return key
}
