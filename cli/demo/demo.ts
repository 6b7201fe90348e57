import { sweepStale, whyNoNamespaces } from './namespaces.ts'
import type { DemoOptions } from './show.ts'

/** Exit code of a program that was told to stop by SIGINT, as shells give it. */
const interrupted = 130

/**
 * Shows flowledger at work on a NAT gateway in network namespaces, or, where those cannot be made,
 * on recorded events. Touches nothing outside the namespaces and one temporary folder.
 *
 * @returns the exit code
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  const missing = whyNoNamespaces()
  try {
    if (missing === undefined) {
      sweepStale()
      const { runLiveDemo } = await import('./live-demo.ts')
      return await runLiveDemo(options)
    }
    options.print(`No network namespaces here (${missing}): recorded events take their place.`)
    const { runRecordedDemo } = await import('./recorded-demo.ts')
    return await runRecordedDemo(options)
  } catch (error) {
    if (options.signal.aborted) return interrupted
    throw error
  }
}
