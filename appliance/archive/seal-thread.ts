import { parentPort, workerData } from 'node:worker_threads'
import { FlowledgerError } from '../../model/errors.ts'
import { sealHours } from '../../store/archive/seal.ts'
import type { SealOptions } from '../../store/archive/seal.ts'

/**
 * Seals in a thread of its own: rows are turned into columns by the million, and neither the
 * collector nor an answer waits for that.
 */
export type SealOutcome =
  | { readonly sealed: { readonly hours: number; readonly rows: number; readonly octets: number } }
  /** A file that is kept under another name; told as it happens. */
  | { readonly aside: string }
  | { readonly failed: string; readonly code?: string }

try {
  const onAside = (aside: string): void => parentPort?.postMessage({ aside } satisfies SealOutcome)
  const sealed = await sealHours({ ...(workerData as SealOptions), onAside })
  const hours = sealed.filter(({ paths }) => paths.length > 0)
  const sum = (of: 'rows' | 'octets'): number => hours.reduce((all, one) => all + one[of], 0)
  const outcome: SealOutcome = {
    sealed: { hours: hours.length, rows: sum('rows'), octets: sum('octets') },
  }
  parentPort?.postMessage(outcome)
} catch (error) {
  const outcome: SealOutcome =
    error instanceof FlowledgerError
      ? { failed: error.sentence, code: error.code }
      : { failed: String(error) }
  parentPort?.postMessage(outcome)
}
