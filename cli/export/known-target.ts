import { TargetLost } from '../../exporter/transport.ts'
import { resolveHost } from '../../exporter/transports/socket-address.ts'
import { FlowledgerError } from '../../model/errors.ts'
import type { ExportTarget } from '../../model/export-targets.ts'

/**
 * Sees that the name of a target has an address, before the ledger is asked and the audit notes
 * that something leaves.
 *
 * @throws FlowledgerError `target-unreachable`
 */
export async function requireKnownTarget({ host, source }: ExportTarget): Promise<void> {
  try {
    await resolveHost(host, source)
  } catch (error) {
    if (!(error instanceof TargetLost)) throw error
    throw new FlowledgerError('target-unreachable', `${error.message}.`, {
      fix: 'See whether the name is right and this host can look it up.',
      cause: error,
    })
  }
}
