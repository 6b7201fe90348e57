import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { ResourceLimits, Transferable } from 'node:worker_threads'

/** What a thread may take, and what of its data is handed over to it. */
export interface ThreadOptions {
  readonly resourceLimits?: ResourceLimits
  readonly transferList?: Transferable[]
}

/**
 * Starts a worker. The compiled program needs nothing else; source needs tsx, which a worker of
 * Node 20 does not take over from its parent and has to load itself.
 *
 * @param file its source, `new URL('./worker.ts', import.meta.url)`
 */
export function startThread(
  file: URL,
  workerData: unknown,
  threadOptions: ThreadOptions = {}
): Worker {
  const options = { workerData, ...threadOptions }
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL(file.href.replace(/ts$/, 'js')), options)
  }
  // A worker of a text looks for packages where the program was started, so it is told where. What
  // is found for `require` stands beside what has to be imported.
  const found = createRequire(import.meta.url).resolve('tsx/esm/api')
  const tsx = pathToFileURL(found.replace(/\.cjs$/, '.mjs')).href
  const load = `import('${tsx}').then((tsx) => (tsx.register(), import('${file.href}')))`
  return new Worker(load, { eval: true, ...options })
}
