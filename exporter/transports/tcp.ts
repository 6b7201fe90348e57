import { connect } from 'node:net'
import { formatListen } from '../../model/endpoint-text.ts'
import type { ExportTarget } from '../../model/export-targets.ts'
import type { Transport } from '../transport.ts'
import { resolveHost } from './socket-address.ts'
import { StreamSession, lossOf, whenConnected } from './stream.ts'

/** IPFIX over TCP (RFC 7011 §10.4). */
export function tcp({ host, port, source }: ExportTarget): Transport {
  return {
    async open() {
      const address = await resolveHost(host, source)
      const text = formatListen(host, port)
      const from = source === undefined ? {} : { localAddress: source }
      const socket = connect({ host: address, port, ...from })
      await whenConnected(socket, 'connect', (error) => lossOf(error, text))
      return new StreamSession(socket, text)
    },
  }
}
