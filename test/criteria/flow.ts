import { catalogue, loadRules } from '../../classifier/applications/load.ts'
import { requireAddress, parsePrefix } from '../../model/address.ts'
import type { ClassifiedFlow } from '../../model/classified-flow.ts'
import { compileCriteria } from '../../criteria/compile.ts'
import type { Criteria, CriteriaContext } from '../../criteria/criteria.ts'

/** The names of the catalogue, and a group of addresses. */
export const names = {
  ...loadRules([catalogue]).names,
  group: (name: string) =>
    name === 'office'
      ? { prefixes: [parsePrefix('192.0.2.0/24') ?? []].flat(), macs: ['02:00:00:00:00:01'] }
      : undefined,
}

/** A flow of Zoom over TLS, with what a test changes of it. */
export function flow(changes: Partial<ClassifiedFlow> = {}): ClassifiedFlow {
  return {
    protocol: 'tls',
    protocolCategory: 'web',
    application: 'zoom',
    applicationCategory: 'voip',
    confidence: 95,
    metadata: { hostname: 'US02web.zoom.us', tlsVersion: '1.3', tlsCipher: '1301' },
    risks: ['odd-port'],
    evidence: [],
    ipProtocol: 6,
    vlan: 10,
    local: { address: requireAddress('192.168.100.22'), port: 40_000, mac: '02:00:00:00:00:01' },
    other: { address: requireAddress('2001:db8::1'), port: 443 },
    otherType: 'remote',
    origin: 'local',
    isTranslated: true,
    mark: 0x10,
    // Wednesday, 2026-03-04 21:30 UTC, 22:30 in Berlin.
    atUs: Date.UTC(2026, 2, 4, 21, 30) * 1000,
    ...changes,
  }
}

export function compile(text: string, context: Partial<CriteriaContext> = {}): Criteria {
  return compileCriteria(text, { names, timeZone: 'Europe/Berlin', ...context })
}

export const holds = (text: string, of = flow()): boolean => compile(text).matches(of)
