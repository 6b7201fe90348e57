import { isV4 } from '../model/address.ts'
import type { FlowEnd } from '../model/classified-flow.ts'
import type { ElementField, IpVersion } from './kernel/needs.ts'
import type { Verdict } from './outcome.ts'

const ifnameBytes = 16

export function versionOf({ flow }: Verdict): IpVersion {
  const [w0, w1, w2] = flow.local.address
  return isV4(w0, w1, w2) ? 4 : 6
}

export function addressBytes({ address }: FlowEnd, version: IpVersion): Buffer {
  const bytes = Buffer.alloc(version === 4 ? 4 : 16)
  if (version === 4) bytes.writeUInt32BE(address[3])
  else for (const [i, word] of address.entries()) bytes.writeUInt32BE(word, 4 * i)
  return bytes
}

/** Undefined where it is not known. */
export function macBytes({ mac }: FlowEnd): Buffer | undefined {
  return mac === undefined ? undefined : Buffer.from(mac.replaceAll(':', ''), 'hex')
}

function portBytes(port: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(port)
  return bytes
}

/** One field of a key, as nftables compares it: in the net's order, but for the mark. */
function fieldBytes(field: ElementField, verdict: Verdict): Buffer | undefined {
  const { flow, entry } = verdict
  const version = versionOf(verdict)
  switch (field) {
    case 'local_addr':
      return addressBytes(flow.local, version)
    case 'other_addr':
      return addressBytes(flow.other, version)
    case 'local_mac':
      return macBytes(flow.local)
    case 'other_mac':
      return macBytes(flow.other)
    case 'local_port':
      return portBytes(flow.local.port)
    case 'other_port':
      return portBytes(flow.other.port)
    case 'ip_proto':
      return Buffer.of(flow.ipProtocol)
    case 'mark': {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32LE(entry.mark)
      return bytes
    }
    default: {
      if (flow.interface === undefined) return undefined
      const bytes = Buffer.alloc(ifnameBytes)
      bytes.write(flow.interface.slice(0, ifnameBytes - 1))
      return bytes
    }
  }
}

/**
 * The key of a verdict in a set of nftables.
 *
 * @returns undefined where the connection lacks a field
 */
export function nftKeyOf(fields: readonly ElementField[], verdict: Verdict): Buffer | undefined {
  const parts = fields.map((field) => fieldBytes(field, verdict))
  if (parts.includes(undefined)) return undefined
  const [only] = parts
  if (parts.length === 1) return only
  const padded = (parts as Buffer[]).map((part) => {
    const bytes = Buffer.alloc((part.length + 3) & ~3)
    part.copy(bytes)
    return bytes
  })
  return Buffer.concat(padded)
}
