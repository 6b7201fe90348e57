import { readFileSync } from 'node:fs'

/** Set of a socket that accepts connections, in the fourth column of /proc/net/unix (proc(5)). */
const SO_ACCEPTCON = 0x10000

/**
 * Whether somebody accepts connections on the Unix socket. Its file is there from bind(2) on, some
 * time before listen(2), and a reader that comes between them is refused.
 */
export function listensAt(path: string): boolean {
  return readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .some((line) => {
      const [, , , flags = '0', , , , at] = line.split(/\s+/)
      return at === path && (parseInt(flags, 16) & SO_ACCEPTCON) !== 0
    })
}
