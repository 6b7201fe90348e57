import { execFileSync, spawnSync } from 'node:child_process'

/**
 * A router in a network namespace between this host and the program in another:
 *
 * ```
 * this host ── veth ── router (nft, tc) ── veth ── program
 * ```
 * What it does to packets happens in the kernel, below all sockets, and is done without `netem`,
 * which not every kernel has: rules lose and repeat some, and put some into a class of HTB so slow
 * that others overtake them.
 */
export class Path {
  readonly programNamespace: string
  /** The program's address. */
  readonly address: string
  readonly #router: string
  readonly #outer: string

  constructor() {
    const pid = process.pid
    this.#router = `fl-faults-${pid}-router`
    this.programNamespace = `fl-faults-${pid}-program`
    this.#outer = `flf${pid}`
    // Of the range for tests of networks (RFC 2544), by the process, so that two can run at once.
    const at = (host: number): string => `198.18.${pid & 0xff}.${host}`
    this.address = at(6)
    ip('netns', 'add', this.#router)
    ip('netns', 'add', this.programNamespace)
    const [outer, router, program] = [this.#outer, this.#router, this.programNamespace]
    ip('link', 'add', outer, 'type', 'veth', 'peer', 'in', 'netns', router)
    ip('-n', router, 'link', 'add', 'out', 'type', 'veth', 'peer', 'gate', 'netns', program)
    ip('address', 'add', `${at(1)}/30`, 'dev', outer)
    ip('-n', router, 'address', 'add', `${at(2)}/30`, 'dev', 'in')
    ip('-n', router, 'address', 'add', `${at(5)}/30`, 'dev', 'out')
    ip('-n', program, 'address', 'add', `${at(6)}/30`, 'dev', 'gate')
    ip('link', 'set', outer, 'up')
    for (const link of ['lo', 'in', 'out']) ip('-n', router, 'link', 'set', link, 'up')
    for (const link of ['lo', 'gate']) ip('-n', program, 'link', 'set', link, 'up')
    ip('route', 'add', `${at(4)}/30`, 'via', at(2))
    ip('-n', program, 'route', 'add', 'default', 'via', at(5))
    inside(this.#router, 'sysctl', '-qw', 'net.ipv4.ip_forward=1')
    const tc = (...words: string[]): void => inside(this.#router, 'tc', ...words)
    tc('qdisc', 'add', 'dev', 'out', 'root', 'handle', '1:', 'htb', 'default', '10')
    for (const [id, rate] of [
      ['1:10', '100mbit'],
      ['1:20', '160kbit'],
    ] as const) {
      const htb = ['htb', 'rate', rate, 'quantum', '1514']
      tc('class', 'add', 'dev', 'out', 'parent', '1:', 'classid', id, ...htb)
    }
  }

  /** A tenth of all datagrams is lost, a tenth comes twice, a fifth late. */
  break(): void {
    const rules = `table netdev faults {
      chain late {
        type filter hook egress device "out" priority 0;
        ip protocol udp numgen random mod 10 0 drop
        ip protocol udp numgen random mod 10 0 dup to "out"
        ip protocol udp numgen random mod 10 < 2 meta priority set 1:20
      }
    }`
    inside(this.#router, 'nft', rules)
  }

  mend(): void {
    inside(this.#router, 'nft', 'delete table netdev faults')
  }

  close(): void {
    spawnSync('ip', ['link', 'delete', this.#outer])
    for (const name of [this.#router, this.programNamespace]) {
      spawnSync('ip', ['netns', 'delete', name])
    }
  }
}

function ip(...words: readonly string[]): void {
  execFileSync('ip', words)
}

function inside(namespace: string, ...argv: readonly string[]): void {
  execFileSync('ip', ['netns', 'exec', namespace, ...argv])
}
