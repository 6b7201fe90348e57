import { Worker } from 'node:worker_threads'

/**
 * Starts a worker that stands beside this file. The compiled program needs nothing else; source
 * needs tsx, which a worker of Node 20 does not take over from its parent and has to load itself.
 *
 * @param file `./name.ts`, as it stands beside this one
 */
export function startThread(file: string, workerData: unknown): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL(file.replace(/ts$/, 'js'), import.meta.url), { workerData })
  }
  const source = JSON.stringify(new URL(file, import.meta.url).href)
  const load = `import('tsx/esm/api').then((tsx) => (tsx.register(), import(${source})))`
  return new Worker(load, { eval: true, workerData })
}
