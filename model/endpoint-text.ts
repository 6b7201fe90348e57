import { formatWords, isV4, parseAddress } from './address.ts'
import type { AddressWords } from './address.ts'
import { FlowledgerError } from './errors.ts'

/** An address with the port that may stand behind it. */
export interface EndpointText {
  readonly ip: AddressWords
  readonly port?: number
}

/** A decimal port of 0..65535 without sign or leading zeros, or undefined. */
export function parsePort(text: string): number | undefined {
  if (!/^(0|[1-9]\d{0,4})$/.test(text)) return undefined
  const port = Number(text)
  return port <= 65535 ? port : undefined
}

/**
 * Splits `address:port` without judging the parts. IPv6 stands in brackets when a port follows
 * (RFC 3986 §3.2.2); bare text with two colons or more is an address alone.
 */
export function splitHostPort(text: string): { host: string; port?: string } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/s.exec(text)
  if (bracketed !== null) {
    const [, host = '', port] = bracketed
    return port === undefined ? { host } : { host, port }
  }
  const colon = text.indexOf(':')
  if (colon < 0 || text.includes(':', colon + 1)) return { host: text }
  return { host: text.slice(0, colon), port: text.slice(colon + 1) }
}

/**
 * Reads `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]` and `[2001:db8::1]:443`.
 *
 * @throws FlowledgerError `address-invalid`
 */
export function parseEndpointText(text: string): EndpointText {
  const { host, port: portText } = splitHostPort(text)
  const ip = parseAddress(host)
  const bracketedV4 = text.startsWith('[') && ip !== undefined && isV4(ip[0], ip[1], ip[2])
  if (ip === undefined || (bracketedV4 && !host.includes(':'))) {
    throw new FlowledgerError('address-invalid', `"${text.slice(0, 60)}" is not an IP address.`, {
      fix: 'Write 192.0.2.1, 192.0.2.1:4711, 2001:db8::1 or [2001:db8::1]:4711.',
    })
  }
  if (portText === undefined) return { ip }
  const port = parsePort(portText)
  if (port === undefined) {
    throw new FlowledgerError('address-invalid', `"${portText.slice(0, 20)}" is not a port.`, {
      fix: 'A port is a number between 0 and 65535.',
    })
  }
  return { ip, port }
}

/** `192.0.2.1:4711` or `[2001:db8::1]:4711`. */
export function formatEndpoint(ip: AddressWords, port?: number): string {
  const text = formatWords(ip)
  if (port === undefined) return text
  return text.includes(':') ? `[${text}]:${port}` : `${text}:${port}`
}

/** Host and port of a socket to listen on. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** Reads `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`; undefined where it is none of them. */
export function parseListen(text: string): ListenAddress | undefined {
  const { host, port: portText } = splitHostPort(text)
  const port = portText === undefined ? undefined : parsePort(portText)
  if (port === undefined) return undefined
  return host === 'localhost' || parseAddress(host) !== undefined ? { host, port } : undefined
}

/** `127.0.0.1:8080`, `[::1]:8080`, `collector.example:4739`. */
export function formatListen(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
