import { Worker } from 'node:worker_threads'

/** What is shared: inputs begun, octets of the text that says where, and that text. */
const textAt = 8
const room = 1 << 12

/** The thread's own code, which must run without what this process loads TypeScript with. */
const watch = `
const { workerData: { shared, patienceMs } } = require('node:worker_threads')
const words = new Int32Array(shared, 0, 2)
let before = -1
setInterval(() => {
  const now = Atomics.load(words, 0)
  if (now === before && now > 0) {
    const text = Buffer.from(new Uint8Array(shared, ${textAt}, Atomics.load(words, 1))).toString()
    require('node:fs').writeSync(2, '\\n' + text + ': input number ' + now + ' does not end.\\n')
    process.kill(process.pid, 'SIGKILL')
  }
  before = now
}, patienceMs)`

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
    this.words = new Int32Array(shared, 0, 2)
    this.text = new Uint8Array(shared, textAt)
    new Worker(watch, { eval: true, workerData: { shared, patienceMs } }).unref()
  }

  /** From here on inputs are those of this place. */
  enter(place: string): void {
    const octets = Buffer.from(place).subarray(0, room)
    this.text.set(octets)
    Atomics.store(this.words, 1, octets.length)
    Atomics.store(this.words, 0, 0)
  }

  /** An input begins. */
  readonly begin = (): void => {
    Atomics.add(this.words, 0, 1)
  }
}
