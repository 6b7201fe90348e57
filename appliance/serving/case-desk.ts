/**
 * What the work on cases needs, put together from the stores: the API and the command line use the
 * very same parts.
 */
import { describeConfiguration } from '../../lookup-api/evidence-file/configuration.ts'
import type { Desk } from '../../lookup-api/cases/desk.ts'
import type { Config } from '../../model/config.ts'
import { CaseStore } from '../../store/cases.ts'
import type { Database } from '../../store/database.ts'
import { HoldStore } from '../../store/holds.ts'
import { listPublicKeys, openSigningKey } from '../../store/signing-key.ts'

/**
 * @param inForce the configuration at the moment
 * @param audit a pool of the log-in `audit`, which stays the caller's to close
 */
export function makeDesk(inForce: () => Config, audit: Database): Desk {
  const { dataDir } = inForce()
  return {
    cases: new CaseStore(audit),
    holds: new HoldStore(audit),
    evidence: {
      signer: () => openSigningKey(dataDir),
      publicKeys: () => listPublicKeys(dataDir),
      configuration: () => describeConfiguration(inForce()),
    },
  }
}
