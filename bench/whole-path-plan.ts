/**
 * Which connection is the n-th of a whole-path load: the sender makes it, the prober asks for it.
 * Clients are 10.70.0.2 onwards; their lowest six bits say which of 64 public addresses they share,
 * and no two that share one have a port in common, so the translation keeps ports as they are.
 */
const clients = 60_000
const firstClient = 0x0a460002 // 10.70.0.2
const servers = 250
const firstServer = 0x0a470002 // 10.71.0.2
const firstPublic = 0xc0000200 // 192.0.2.0
const publics = 64
const firstPort = 1024
const ports = 64_000

export const kinds = ['tls', 'quic', 'dns', 'http'] as const
export type Kind = (typeof kinds)[number]

/** Connections that are made together: half TLS, a fifth QUIC, a fifth DNS, a tenth plain HTTP. */
export const volley: readonly Kind[] = Array.from({ length: 40 }, (_, i) => {
  if (i % 2 === 0) return 'tls'
  if (i % 5 === 1) return 'quic'
  return i % 5 === 3 ? 'dns' : i % 4 === 1 ? 'http' : 'tls'
})

export interface Planned {
  readonly kind: Kind
  readonly client: number
  readonly server: number
  readonly public: number
  readonly port: number
  readonly serverPort: number
}

const serverPorts = { tls: 443, quic: 443, dns: 53, http: 80 } as const

/** The n-th connection, from 0. */
export function connection(n: number): Planned {
  const index = n % clients
  const client = firstClient + index
  const around = Math.floor(n / clients) * Math.ceil(clients / publics + 1)
  const kind = volley[n % volley.length] ?? 'tls'
  return {
    kind,
    client,
    server: firstServer + (n % servers),
    public: firstPublic + (client & (publics - 1)),
    port: firstPort + (((client >>> 6) - (firstClient >>> 6) + around) % ports),
    serverPort: serverPorts[kind],
  }
}

const dotted = (word: number): string =>
  [24, 16, 8, 0].map((shift) => (word >>> shift) & 255).join('.')
export const addressText = dotted

/** The translation of the plan, for nft. */
export function translation(): string {
  const pool = Array.from(
    { length: publics },
    (_, i) => `${dotted(i)} : ${dotted(firstPublic + i)}`
  )
  return `table ip bench {
  counter tracked { }
  chain translate {
    type nat hook postrouting priority srcnat
    oifname "out" snat to ip saddr & 0.0.0.63 map { ${pool.join(', ')} }
  }
  chain confirmed {
    type filter hook postrouting priority 300
    oifname "out" ct state new counter name tracked
  }
}
`
}
