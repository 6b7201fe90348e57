import { Worker } from 'node:worker_threads'

/** What is shared: inputs begun, bursts begun, octets of the text that says where, that text. */
const textAt = 12
const room = 1 << 12

/** The thread's own code, which must run without what this process loads TypeScript with. */
const watch = `
const { workerData: { shared, patienceMs } } = require('node:worker_threads')
const words = new Int32Array(shared, 0, 3)
let [before, looks] = [-1, 0]
setInterval(() => {
  const now = Atomics.load(words, 0)
  looks = now === before ? looks + 1 : 0
  // Four looks: of a process that was stopped the clock went on, but it had one look.
  if (looks === 4 && now > 0) {
    const text = Buffer.from(new Uint8Array(shared, ${textAt}, Atomics.load(words, 2))).toString()
    const burst = Atomics.load(words, 1) - 1
    require('node:fs').writeSync(2, '\\n' + text + ' --path ' + burst + ' does not end.\\n')
    process.kill(process.pid, 'SIGKILL')
  }
  before = now
}, patienceMs / 4)`

/**
 * Tells of an input that never ends, which nothing else in this process can: a thread of its own
 * looks whether inputs still follow each other, and ends the process, saying how to come by the
 * input again.
 */
export class Watchdog {
  private readonly words: Int32Array
  private readonly text: Uint8Array

  /** @param patienceMs an input that takes this long never ends */
  constructor(patienceMs: number) {
    const shared = new SharedArrayBuffer(textAt + room)
    this.words = new Int32Array(shared, 0, 3)
    this.text = new Uint8Array(shared, textAt)
    new Worker(watch, { eval: true, workerData: { shared, patienceMs } }).unref()
  }

  /** From here on inputs are those of this place. */
  enter(place: string): void {
    const octets = Buffer.from(place).subarray(0, room)
    this.text.set(octets)
    Atomics.store(this.words, 2, octets.length)
    Atomics.store(this.words, 1, 0)
    Atomics.store(this.words, 0, 0)
  }

  /** A burst begins. */
  burst(): void {
    Atomics.add(this.words, 1, 1)
  }

  /** An input begins. */
  input(): void {
    Atomics.add(this.words, 0, 1)
  }
}
