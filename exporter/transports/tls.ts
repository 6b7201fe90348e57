import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { connect } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import { formatListen } from '../../model/endpoint-text.ts'
import type { ExportTarget } from '../../model/export-targets.ts'
import { TargetLost } from '../transport.ts'
import type { Transport } from '../transport.ts'
import { resolveHost } from './socket-address.ts'
import { StreamSession, lossOf, whenConnected } from './stream.ts'

/** What Node calls certificates that do not hold: OpenSSL's verify errors, and a wrong name. */
const untrusted =
  /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME|HOSTNAME_MISMATCH|CRL|CA_|INVALID_PURPOSE|PATH_LENGTH/

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    throw new TargetLost('untrusted', `${path} cannot be read`, error)
  }
}

/** Files are read at each connection, so that renewed certificates are taken up. */
async function filesOf(target: ExportTarget): Promise<ConnectionOptions> {
  const { caFile, certificateFile, keyFile } = target.tls
  return {
    ...(caFile === undefined ? {} : { ca: await read(caFile) }),
    ...(certificateFile === undefined ? {} : { cert: await read(certificateFile) }),
    ...(keyFile === undefined ? {} : { key: await read(keyFile) }),
  }
}

/**
 * IPFIX over TLS over TCP (RFC 7011 §11.1): the collector's certificate must be of an authority
 * that we trust and name the host; ours is shown where it asks for one.
 */
export function tls(target: ExportTarget): Transport {
  const { host, port, source } = target
  const name = target.tls.serverName ?? host
  return {
    async open() {
      const files = await filesOf(target)
      const address = await resolveHost(host, source)
      const text = formatListen(host, port)
      const socket = connect({
        ...files,
        host: address,
        port,
        ...(source === undefined ? {} : { localAddress: source }),
        minVersion: 'TLSv1.2',
        rejectUnauthorized: true,
        // RFC 6066 §3: an address is no server name; the certificate is checked for it anyway.
        ...(isIP(name) === 0 ? { servername: name } : { servername: '', host: address }),
      })
      await whenConnected(socket, 'secureConnect', (error) =>
        untrusted.test(error.code ?? '')
          ? new TargetLost('untrusted', `the certificate of ${text}: ${error.message}`, error)
          : lossOf(error, text)
      )
      return new StreamSession(socket, text)
    },
  }
}
