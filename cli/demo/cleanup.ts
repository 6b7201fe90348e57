import { removeNamespace } from './namespaces.ts'

/** Sets of namespaces that are up, so that a signal or an uncaught error leaves none behind. */
const live = new Set<readonly string[]>()
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

function removeLive(): void {
  for (const namespaces of live) removeNow(namespaces)
}

function onSignal(signal: NodeJS.Signals): void {
  // Whoever else listens decides about the process; alone, we end it as the signal would have.
  if (process.listenerCount(signal) > 1) return
  removeLive()
  process.off(signal, onSignal)
  process.kill(process.pid, signal)
}

function listen(on: boolean): void {
  const method = on ? 'on' : 'off'
  process[method]('exit', removeLive)
  for (const signal of signals) process[method](signal, onSignal)
}

/** From now on these namespaces are removed when the process ends, whichever way but SIGKILL. */
export function removeAtExit(namespaces: readonly string[]): void {
  if (live.size === 0) listen(true)
  live.add(namespaces)
}

/** Removes namespaces given to {@link removeAtExit}, whether or not they were made by then. */
export function removeNow(namespaces: readonly string[]): void {
  if (!live.delete(namespaces)) return
  if (live.size === 0) listen(false)
  for (const namespace of namespaces) {
    try {
      removeNamespace(namespace)
    } catch {
      // It was never made, or is gone already: both are what is wanted.
    }
  }
}
