import { Worker } from 'node:worker_threads'
import type { ResourceLimits } from 'node:worker_threads'

/**
 * Starts a worker. The compiled program needs nothing else; source needs tsx, which a worker of
 * Node 20 does not take over from its parent and has to load itself.
 *
 * @param file its source, `new URL('./worker.ts', import.meta.url)`
 * @param resourceLimits what it may take; left out: what the process may
 */
export function startThread(
  file: URL,
  workerData: unknown,
  resourceLimits: ResourceLimits = {}
): Worker {
  const options = { workerData, resourceLimits }
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL(file.href.replace(/ts$/, 'js')), options)
  }
  const load = `import('tsx/esm/api').then((tsx) => (tsx.register(), import('${file.href}')))`
  return new Worker(load, { eval: true, ...options })
}
