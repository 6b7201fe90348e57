import type { TestFlow } from '../flow-rows.ts'

/** The hour that flows start in, and the two around it; long over. */
export const hourUs = 3_600e6
export const firstHourUs = Math.floor((Date.now() * 1000) / hourUs) * hourUs - 30 * hourUs

/** Numbers of a seed, in [0, 1) (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000
  }
}

const ports = [1024, 1025, 40_000, 65_535]
const names = ['tls', 'an application with a long name', '']

/** Flows over three hours: few addresses and ports, so that they meet; edges of hours are common. */
export function randomFlows(seed: number, count: number, firstId = 1n): TestFlow[] {
  const random = randomOf(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  return Array.from({ length: count }, (_, index): TestFlow => {
    const isEdge = random() < 0.2
    const hour = Math.floor(random() * 3)
    const within = isEdge ? pick([0, 1, hourUs - 1]) : Math.floor(random() * hourUs)
    const startUs = firstHourUs + hour * hourUs + within
    const lastsUs = pick([0, 1, Math.floor(random() * 60e6), Math.floor(random() * hourUs), hourUs])
    const isV6 = random() < 0.15
    const host = Math.floor(random() * 4)
    const port = pick(ports)
    const long = pick(names)
    return {
      source: isV6 ? `fd00::${host + 1} ${port}` : `10.0.0.${host + 1} ${port}`,
      destination: isV6 ? '2001:db8::9 443' : `198.51.100.${Math.floor(random() * 4)} 443`,
      ...(isV6 ? {} : { postNatSource: `192.0.2.${1 + (host & 1)} ${port}` }),
      startUs,
      endUs: startUs + lastsUs,
      connectionStartUs: random() < 0.5 ? startUs : startUs - Math.floor(random() * 1e12),
      id: random() < 0.05 ? 2n ** 63n - BigInt(index) - firstId : firstId + BigInt(index),
      protocol: pick([6, 17]),
      octets: BigInt(Math.floor(random() * 1e6)) ** 3n,
      packets: BigInt(Math.floor(random() * 1e6)),
      conntrackId: Math.floor(random() * 2 ** 32),
      ...(random() < 0.2 ? { mark: Math.floor(random() * 2 ** 32), zone: 3 } : {}),
      flags: Math.floor(random() * 16),
      endReason: Math.floor(random() * 6),
      application: long,
      hostName: random() < 0.3 ? `host-${index}.example.net` : '',
    }
  })
}

/** What a slice does to the next one. */
const sequels = ['touch', 'touch', 'touch', 'gap', 'name', 'again'] as const

/**
 * Connections in slices that follow each other, of which some leave a gap, change in between, or
 * overlap: the ports are those of {@link randomFlows}.
 */
export function randomConnections(seed: number, count: number, firstId = 1n): TestFlow[] {
  const random = randomOf(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  return randomFlows(seed, count, firstId).flatMap((flow): TestFlow[] => {
    const { connectionStartUs = flow.startUs } = flow
    let { startUs, application = '' } = flow
    const slices: TestFlow[] = []
    for (let left = 1 + Math.floor(random() * 8); left > 0; left--) {
      const endUs =
        startUs + pick([left === 1 ? 0 : 1, 1 + Math.floor(random() * 600e6), 600e6, 1800e6])
      slices.push({
        ...flow,
        startUs,
        endUs,
        connectionStartUs,
        lastPacketUs: endUs - Math.floor(random() * Math.min(30e6, endUs - startUs)),
        application,
        octets: BigInt(Math.floor(random() * 1e12)),
        flags: left === 1 ? 0 : 1 | pick([0, 0, 0, 2]),
        endReason: left === 1 ? 3 : 2,
      })
      const next = pick(sequels)
      startUs = next === 'gap' ? endUs + 1 : next === 'again' ? startUs + 1 : endUs
      if (next === 'name') application = 'another'
      if (startUs >= firstHourUs + 3 * hourUs) break
    }
    return slices
  })
}
