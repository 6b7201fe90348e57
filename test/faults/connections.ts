import { execFile, execFileSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { promisify } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'

const run = promisify(execFile)
const firstPort = 20_000
const ports = 40_000
const tickMs = 10
/** Connections are over so often, all at once. */
const flushMs = 500

/** Real connections to a namespace whose kernel tracks them: datagrams, each to another port. */
export class Connections {
  readonly #namespace: string
  readonly #address: string
  readonly #socket = createSocket('udp4')
  #sent = 0
  #goesOn = true
  readonly #running: Promise<unknown>

  constructor(namespace: string, address: string) {
    this.#namespace = namespace
    this.#address = address
    // Nobody listens there, and the kernel says so.
    this.#socket.on('error', () => {})
    const rules =
      'table inet faults { chain in { type filter hook input priority 0; ct state new accept; }; }'
    execFileSync('ip', ['netns', 'exec', namespace, 'nft', rules])
    this.#running = Promise.all([this.#send(), this.#flush()])
  }

  async stop(): Promise<void> {
    this.#goesOn = false
    await this.#running
    this.#socket.close()
    await this.#inside('nft', 'delete table inet faults')
  }

  async #send(): Promise<void> {
    while (this.#goesOn) {
      const port = firstPort + (this.#sent++ % ports)
      this.#socket.send('.', port, this.#address, () => {})
      await sleep(tickMs)
    }
  }

  async #flush(): Promise<void> {
    while (this.#goesOn) {
      await sleep(flushMs)
      await this.#inside('conntrack', '--flush')
    }
  }

  async #inside(...argv: readonly string[]): Promise<void> {
    await run('ip', ['netns', 'exec', this.#namespace, ...argv])
  }
}
