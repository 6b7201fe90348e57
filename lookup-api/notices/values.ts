import { formatWords, parseAddress } from '../../model/address.ts'
import type { AddressWords } from '../../model/address.ts'
import { parsePort } from '../../model/endpoint-text.ts'
import { parseProtocol } from '../../model/protocol.ts'

/** Reads the values of one field of a notice, and says where one is none. */

/** Longest excerpt of a notice that a sighting carries. */
const maxExcerpt = 300

/** The words of a notice that say something, on one line and bounded. */
export const excerpt = (text: string): string => {
  const line = text
    .replaceAll(/\p{Surrogate}/gu, '\uFFFD')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
  return line.length <= maxExcerpt ? line : `${line.slice(0, maxExcerpt - 1)}…`
}

/** Text that a hard wrap may have cut: each way of putting it together again. */
export function unwrapped(text: string): string[] {
  const trimmed = text.trim()
  if (!/[\r\n]/.test(trimmed)) return [trimmed]
  const lines = trimmed.split(/[ \t]*[\r\n]+[ \t]*/)
  return [...new Set([lines.join(''), lines.join(' ')])]
}

/** `1[.]2[.]3[.]4`, as those write it who fear that something clicks on it. */
const refang = (text: string): string => text.replaceAll(/\[\.\]|\(\.\)|\[dot\]|\(dot\)/gi, '.')

/** An address, and the port that may stand with it. */
export interface AddressField {
  readonly ip?: AddressWords
  readonly port?: number
  readonly reason?: string
}

const endpoint = /^\[?([0-9A-Fa-f:.]+)\]?(?:[:#]|\s+(?:port\s+)?)(\d{1,5})$/

function readEndpoint(text: string): AddressField | undefined {
  const bare = text.replace(/^\[([^\]]+)\]$/, '$1').replace(/\/(?:32|128)$/, '')
  const ip = parseAddress(bare)
  if (ip !== undefined) return { ip }
  const [, host = '', digits = ''] = endpoint.exec(text) ?? []
  // An IPv6 address with a port behind a colon would be another IPv6 address.
  if (host.includes(':') && !/^\[.*\]:/.test(text) && !/[#\s]/.test(text)) return undefined
  const [address, port] = [parseAddress(host), parsePort(digits)]
  return address === undefined || port === undefined ? undefined : { ip: address, port }
}

/** Reads an address; unspecified ones are none. */
export function readAddress(text: string): AddressField {
  const readings = new Map<string, AddressField>()
  for (const candidate of unwrapped(text)) {
    const read = readEndpoint(refang(candidate).replaceAll(/^["'<(]+|["'>),;.]+$/g, ''))
    if (read?.ip !== undefined) readings.set(`${formatWords(read.ip)} ${read.port ?? ''}`, read)
  }
  const [only, ...more] = readings.values()
  if (only?.ip !== undefined && more.length === 0) {
    const address = formatWords(only.ip)
    return /^(?:0\.0\.0\.0|::)$/.test(address)
      ? { reason: `${address} is nobody's address.` }
      : only
  }
  const shown = excerpt(text).slice(0, 60)
  if (shown === '') return { reason: 'No address is given.' }
  return { reason: `"${shown}" is not an IP address.` }
}

/** Reads a port; 0 stands for none. */
export function readPort(text: string): { port?: number; reason?: string } {
  for (const candidate of unwrapped(text)) {
    const port = parsePort(candidate)
    if (port === 0) return { reason: 'Port 0 is no port.' }
    if (port !== undefined) return { port }
  }
  const shown = excerpt(text).slice(0, 30)
  return shown === '' ? {} : { reason: `"${shown}" is not a port.` }
}

const transports: ReadonlySet<number> = new Set([1, 6, 17, 33, 58, 132, 136])

/** The protocol under the port; names of applications say nothing about it. */
export function readProtocol(text: string): number | undefined {
  const [first = ''] = text.trim().split(/[\s/,(]+/)
  const protocol = parseProtocol(first)
  return protocol !== undefined && transports.has(protocol) ? protocol : undefined
}
