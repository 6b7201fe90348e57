import { domainToASCII } from 'node:url'

/** Names in DNS have at most so many letters (RFC 1035 §2.3.4). */
const maxLetters = 253

/**
 * A name as rules hold it: ASCII (IDNA), lower case, no dot at either end; undefined where it is no
 * name. One label alone, such as a top-level domain, is a name.
 */
export function normaliseDomain(text: string): string | undefined {
  let name = text.trim().toLowerCase().replace(/^\./, '').replace(/\.$/, '')
  // eslint-disable-next-line no-control-regex
  if (/[^\u0000-\u007f]/.test(name)) name = domainToASCII(name)
  const isName = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/
  return name.length > 0 && name.length <= maxLetters && isName.test(name) ? name : undefined
}

/** A host as a protocol gave it, without port, dot at the end and capitals. */
export function normaliseHost(host: string): string {
  let end = host.length
  const colon = host.lastIndexOf(':')
  if (colon > 0 && colon === host.indexOf(':')) end = colon
  if (host.charCodeAt(end - 1) === 46) end--
  const bare = end === host.length ? host : host.slice(0, end)
  const lower = bare.toLowerCase()
  return lower.length > maxLetters ? lower.slice(-maxLetters) : lower
}
