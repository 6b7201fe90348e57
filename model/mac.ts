/**
 * Ethernet addresses (EUI-48) as sources write them. One spelling inside: six octets in lower-case
 * hexadecimal with colons.
 */

const separators = /[-:. ]/g
const spelled =
  /^(?:[0-9a-f]{1,2}(?:[:-][0-9a-f]{1,2}){5}|[0-9a-f]{4}(?:[.:-][0-9a-f]{4}){2}|[0-9a-f]{12})$/
const typed = /^(?:0?1)[:-](?=[0-9a-f]{1,2}(?:[:-][0-9a-f]{1,2}){5}$)/

/** True where the text is spelled as inside already; looked at without a regular expression. */
function isNormal(text: string): boolean {
  if (text.length !== 17) return false
  for (let at = 0; at < 17; at++) {
    const code = text.charCodeAt(at)
    const isHex = (code >= 48 && code <= 57) || (code >= 97 && code <= 102)
    if (at % 3 === 2 ? code !== 58 : !isHex) return false
  }
  return true
}

/**
 * Reads `AA-BB-CC-DD-EE-FF`, `aabb.ccdd.eeff`, `aabbccddeeff`, `a:b:c:d:e:f`, and each with the
 * hardware type of Ethernet before it (`1:aa:bb:cc:dd:ee:ff`, RFC 2132 §9.14).
 *
 * @returns undefined where the text is no EUI-48, or is that of nobody (all zero) or of everybody
 */
export function normaliseMac(text: string): string | undefined {
  if (isNormal(text)) return ofSomebody(text)
  if (text.length < 11 || text.length > 20) return undefined
  const lower = text.toLowerCase().replace(typed, '')
  if (!spelled.test(lower)) return undefined
  const octets = /^[0-9a-f]{4}[.:-]|^[0-9a-f]{12}$/.test(lower)
    ? (lower.replaceAll(separators, '').match(/../g) ?? [])
    : lower.split(/[:-]/).map((octet) => octet.padStart(2, '0'))
  return ofSomebody(octets.join(':'))
}

function ofSomebody(mac: string): string | undefined {
  return mac === '00:00:00:00:00:00' || mac === 'ff:ff:ff:ff:ff:ff' ? undefined : mac
}

/**
 * True where the locally administered bit is set (IEEE 802c): the device, not its maker, chose the
 * address, as phones do for each network. It tells a device for as long as it is used, no longer.
 *
 * @param mac as {@link normaliseMac} gives it
 */
export function isRandomised(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 2) !== 0
}
