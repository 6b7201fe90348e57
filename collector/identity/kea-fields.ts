const escaped = /&#x([0-9a-f]{2});?/gi

/** Kea writes a comma in a value as `&#x2c`, and other octets alike. */
export function unescapeKea(text: string): string {
  if (!text.includes('&#x')) return text
  return text.replaceAll(escaped, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** Circuit-id and remote-id (RFC 3046) of a lease, one character an octet. */
export interface RelayIds {
  readonly circuitId: string
  readonly remoteId: string
}

const noIds: RelayIds = { circuitId: '', remoteId: '' }

/** User contexts longer than this are not looked into. */
const maxContext = 16_384

/**
 * What Kea keeps of the relay agent's information in a lease (`store-extended-info`): for DHCPv4
 * `{"ISC": {"relay-agent-info": {"sub-options": "0x01..."}}}`, or the octets right there.
 */
export function relayIds(userContext: string): RelayIds {
  if (!userContext.includes('relay-agent-info') || userContext.length > maxContext) return noIds
  const info = member(member(parsed(unescapeKea(userContext)), 'ISC'), 'relay-agent-info')
  const hex = typeof info === 'string' ? info : member(info, 'sub-options')
  return typeof hex === 'string' && /^0x(?:[0-9a-f]{2}){1,255}$/i.test(hex)
    ? subOptions(Buffer.from(hex.slice(2), 'hex'))
    : noIds
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return (value as Record<string, unknown>)[name]
}

/** RFC 3046 §2.0: code, length, octets, again and again; 1 is the circuit, 2 the remote end. */
function subOptions(octets: Buffer): RelayIds {
  const ids = { circuitId: '', remoteId: '' }
  let at = 0
  while (at + 2 <= octets.length) {
    const code = octets[at] ?? 0
    const end = at + 2 + (octets[at + 1] ?? 0)
    if (end > octets.length) return noIds
    const value = octets.toString('latin1', at + 2, end)
    if (code === 1) ids.circuitId = value
    else if (code === 2) ids.remoteId = value
    at = end
  }
  return ids
}
