import type { Hello } from './tls-hello.ts'

/** Names under which public resolvers answer DNS over HTTPS, as their operators publish them. */
const resolverNames: ReadonlySet<string> = new Set([
  'cloudflare-dns.com',
  'mozilla.cloudflare-dns.com',
  'chrome.cloudflare-dns.com',
  'security.cloudflare-dns.com',
  'family.cloudflare-dns.com',
  'one.one.one.one',
  'dns.google',
  'dns64.dns.google',
  'dns.google.com',
  'dns.quad9.net',
  'dns9.quad9.net',
  'dns10.quad9.net',
  'dns11.quad9.net',
  'doh.opendns.com',
  'dns.opendns.com',
  'doh.cleanbrowsing.org',
  'dns.adguard.com',
  'dns.adguard-dns.com',
  'dns-family.adguard.com',
  'dns.nextdns.io',
  'doh.dns.sb',
  'dns.mullvad.net',
  'doh.mullvad.net',
  'dns.controld.com',
  'freedns.controld.com',
  'doh.libredns.gr',
  'doh.dns.apple.com',
  'doh.xfinity.com',
  'dns.alidns.com',
  'doh.pub',
  'dns0.eu',
])

/**
 * Which way of asking DNS a ClientHello shows: over TLS (RFC 7858, port 853 or ALPN `dot`), over
 * QUIC (RFC 9250, ALPN `doq`), or over HTTPS to a resolver that is known; else undefined.
 */
export function dnsOver(port: number, hello: Hello | undefined): 'dot' | 'doq' | 'doh' | undefined {
  const alpn = hello?.alpn ?? []
  if (alpn.some((name) => name === 'doq' || name.startsWith('doq-'))) return 'doq'
  if (port === 853 || alpn.includes('dot')) return 'dot'
  return resolverNames.has(hello?.serverName ?? '') ? 'doh' : undefined
}
