import type { Registry } from 'prom-client'
import { addRead } from '../read-metric.ts'

/** Who looks after the files of the archive. */
interface Keeper {
  readonly setAside: number
}

/** Puts what became of files of the archive on the program's registry. */
export function countArchive(registry: Registry, keepers: readonly (Keeper | undefined)[]): void {
  addRead(registry, {
    name: 'archive_set_aside_total',
    help: 'Files that the catalogue does not know, kept for what they alone hold.',
    read: () => [[{}, keepers.reduce((sum, keeper) => sum + (keeper?.setAside ?? 0), 0)]],
  })
}
