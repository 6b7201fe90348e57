import { readFileSync } from 'node:fs'

/**
 * Datagrams that the kernel dropped at sockets of a port since they were opened, as /proc/net/udp
 * and udp6 tell them (proc(5)): the local end in hexadecimal is the second word, the count the
 * last.
 *
 * ```
 *   sl  local_address rem_address   st tx_queue rx_queue ... ref pointer drops
 *  123: 0100007F:0202 00000000:0000 07 00000000:00000000 ... 2 0000000000000000 0
 * ```
 */
export function readUdpDrops(
  port: number,
  read: (path: string) => string = (path) => readFileSync(path, 'utf8')
): number {
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  let drops = 0
  for (const path of ['/proc/net/udp', '/proc/net/udp6']) {
    let text: string
    try {
      text = read(path)
    } catch {
      // A kernel without IPv6 has no udp6, a container may have neither.
      continue
    }
    for (const line of text.split('\n').slice(1)) {
      const words = line.trim().split(/\s+/)
      if (words[1]?.endsWith(end)) drops += Number(words.at(-1)) || 0
    }
  }
  return drops
}
