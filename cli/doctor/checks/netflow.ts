import { formatEndpoint } from '../../../model/endpoint-text.ts'
import { ok, warn } from '../finding.ts'
import type { CheckContext, Finding } from '../finding.ts'

/** Does the kernel give as much receive buffer as the configuration wants? */
export function netflowBuffer(context: CheckContext): Finding {
  const { listen, receiveBufferBytes: wanted } = context.config.collector.netflow
  if (listen.length === 0) return ok('no NetFlow is received by UDP')
  const most = Number(context.read('/proc/sys/net/core/rmem_max') ?? 0)
  if (most >= wanted) return ok(`the kernel gives ${wanted} octets to NetFlow's sockets`)
  return warn(
    `net.core.rmem_max gives NetFlow's sockets ${most} octets of the ${wanted} that are wanted, ` +
      'unless flowledger has CAP_NET_ADMIN',
    `sysctl -w net.core.rmem_max=${wanted}`
  )
}

/**
 * Datagrams that the kernel dropped at the sockets that listen now: column `drops` of /proc/net/udp
 * and udp6 (proc_net(5)), the last of each line; the port is the second half of column 2, in hex.
 */
export function netflowDrops(context: CheckContext): Finding {
  const { listen } = context.config.collector.netflow
  const ports = new Set(listen.map(({ port = 0 }) => port))
  const lines = ['/proc/net/udp', '/proc/net/udp6'].flatMap((path) =>
    (context.read(path) ?? '').split('\n').slice(1)
  )
  let dropped = 0
  let sockets = 0
  for (const line of lines) {
    const words = line.trim().split(/\s+/)
    const port = Number.parseInt(words[1]?.split(':').at(-1) ?? '', 16)
    if (!ports.has(port)) continue
    sockets++
    dropped += Number(words.at(-1) ?? 0)
  }
  const where = listen.map(({ ip, port }) => formatEndpoint(ip, port)).join(', ')
  if (sockets === 0) return ok(`nobody listens for NetFlow on ${where || 'UDP'} now`)
  if (dropped === 0) return ok(`the kernel has dropped no datagram of ${where}`)
  return warn(
    `the kernel has dropped ${dropped} datagrams of ${where}: flows are missing`,
    'raise collector.netflow.receive_buffer and net.core.rmem_max'
  )
}
