import { requireAddress } from '../../model/address.ts'
import type { ClassifiedFlow } from '../../model/classified-flow.ts'
import type { ConntrackEntry } from '../../model/conntrack-entry.ts'

const end = (address: string, port: number) => ({ address: requireAddress(address), port })

/** Zoom over TLS, from 10.0.0.2 by 192.0.2.1 to 203.0.113.9. */
export const flow: ClassifiedFlow = {
  protocol: 'tls',
  protocolCategory: 'web',
  application: 'zoom',
  applicationCategory: 'voip',
  confidence: 95,
  metadata: { hostname: 'zoom.us', tlsVersion: '1.0', tlsCipher: '0005' },
  risks: ['weak-cipher'],
  evidence: [
    { source: 'host-rule', packet: 4, speaksFor: 'zoom', confidence: 95, what: 'zoom.us' },
    { source: 'port', packet: 1, speaksFor: 'x', confidence: 10, what: '443', lostTo: 'tls' },
  ],
  ipProtocol: 6,
  vlan: 0,
  local: end('10.0.0.2', 40_000),
  other: end('203.0.113.9', 443),
  otherType: 'remote',
  origin: 'local',
  isTranslated: true,
  mark: 0,
  atUs: 1_800_000_000e6,
}

/** Its entry; no kernel has it. */
export function entry(changes: Partial<ConntrackEntry> = {}): ConntrackEntry {
  return {
    ipProtocol: 6,
    original: { source: end('10.0.0.2', 40_000), destination: end('203.0.113.9', 443) },
    reply: { source: end('203.0.113.9', 443), destination: end('192.0.2.1', 40_000) },
    zone: 7,
    id: 4711,
    mark: 0x100,
    startUs: 1_800_000_000e6,
    ...changes,
  }
}
