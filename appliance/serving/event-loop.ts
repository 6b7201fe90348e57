import { Histogram } from 'prom-client'
import type { Registry } from 'prom-client'

/** How often the loop is looked at (ms). */
const everyMs = 20

/**
 * Counts how late the event loop of the API comes to a timer: nothing is answered meanwhile, be it
 * that the process works or that it has no core.
 *
 * @returns ends it
 */
export function watchEventLoop(registry: Registry): () => void {
  const delay = new Histogram({
    name: 'flowledger_api_event_loop_delay_seconds',
    help: 'How late the event loop of the API comes to a timer of every 20 ms.',
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 1],
    registers: [registry],
  })
  let due = performance.now() + everyMs
  const timer = setInterval(() => {
    const now = performance.now()
    delay.observe(Math.max(0, now - due) / 1000)
    due = now + everyMs
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}
