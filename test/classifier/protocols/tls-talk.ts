import { duplexPair } from 'node:stream'
import type { Duplex } from 'node:stream'
import { TLSSocket, connect } from 'node:tls'
import type { SecureVersion } from 'node:tls'
import type { Said } from './talk.ts'

/** A key and a certificate for www.example.test and *.cdn.example.test, of no other use. */
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg8jGuTCOAEu0blRPs
2sEUjxLL+2mS1PieZPUg9vnUgmChRANCAAR0kBKVAReqWCky7JOH2+ns/VRw0PXm
OK7BBrSw03kIZ6UsPRW1X7kPta8stpNkKkRm30xaCXKktnei0WghspkM
-----END PRIVATE KEY-----`
export const certificate = `-----BEGIN CERTIFICATE-----
MIIB/zCCAaSgAwIBAgIUFDmNh7nTJIPHWWkHXVUdmMRyAq8wCgYIKoZIzj0EAwIw
OjELMAkGA1UEBhMCREUxEDAOBgNVBAoMB0V4YW1wbGUxGTAXBgNVBAMMEHd3dy5l
eGFtcGxlLnRlc3QwIBcNMjYxMTI1MjM1NTM2WhgPMjEyNjExMDEyMzU1MzZaMDox
CzAJBgNVBAYTAkRFMRAwDgYDVQQKDAdFeGFtcGxlMRkwFwYDVQQDDBB3d3cuZXhh
bXBsZS50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEdJASlQEXqlgpMuyT
h9vp7P1UcND15jiuwQa0sNN5CGelLD0VtV+5D7WvLLaTZCpEZt9MWglypLZ3otFo
IbKZDKOBhTCBgjAdBgNVHQ4EFgQUvx5hoqbkJtbBGKE1gGX6ZvHj+dEwHwYDVR0j
BBgwFoAUvx5hoqbkJtbBGKE1gGX6ZvHj+dEwDwYDVR0TAQH/BAUwAwEB/zAvBgNV
HREEKDAmghB3d3cuZXhhbXBsZS50ZXN0ghIqLmNkbi5leGFtcGxlLnRlc3QwCgYI
KoZIzj0EAwIDSQAwRgIhAMP7LLK9Qq50CShp3f19TfOSuIAEg+1Rru+6vb1ZsPiz
AiEA5+buDQ2sdnrp3jiMOP+1GqQOvmm0buRebTFd5O0IjtE=
-----END CERTIFICATE-----`

/** Notes what passes in one direction. */
function record(said: Said[], who: 'client' | 'server', from: Duplex, to: Duplex): void {
  from.on('data', (octets: Buffer) => {
    said.push([who, Uint8Array.from(octets)])
    to.write(octets)
  })
}

/** What OpenSSL's client and server say to each other, packet by packet. */
export async function tlsTalk(
  version: SecureVersion,
  serverName = 'www.example.test',
  ALPNProtocols = ['h2', 'http/1.1']
): Promise<Said[]> {
  const said: Said[] = []
  const [clientEnd, clientWire] = duplexPair()
  const [serverEnd, serverWire] = duplexPair()
  record(said, 'client', clientWire, serverWire)
  record(said, 'server', serverWire, clientWire)
  const server = new TLSSocket(serverEnd, {
    isServer: true,
    key,
    cert: certificate,
    ALPNProtocols: ALPNProtocols.slice(0, 1),
    minVersion: version,
  })
  const client = connect({
    socket: clientEnd,
    servername: serverName,
    ALPNProtocols,
    maxVersion: version,
    minVersion: version,
    rejectUnauthorized: false,
  })
  await new Promise((resolve, reject) => {
    client.once('secureConnect', resolve)
    client.once('error', reject)
  })
  client.destroy()
  server.destroy()
  return said
}
