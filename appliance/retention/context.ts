/** What purges work with, put together: the automatic run and the command line use the same. */
import { softwareOf } from '../../lookup-api/cases/documents.ts'
import { seal } from '../../lookup-api/evidence-file/envelope.ts'
import { purgeDocument } from '../../lookup-api/evidence-file/purge-view.ts'
import { version } from '../../model/version.ts'
import type { ToldAside } from '../../store/archive/aside.ts'
import type { Database } from '../../store/database.ts'
import { openRetentionKeys } from '../../store/retention/keys.ts'
import type { PurgeContext } from '../../store/retention/proof.ts'
import { openSigningKey } from '../../store/signing-key.ts'

/** @param owner a pool of the log-in `owner`, which stays the caller's to close */
export async function makePurgeContext(
  dataDir: string,
  owner: Database,
  actor: string,
  toldAside: ToldAside = () => {}
): Promise<PurgeContext> {
  return {
    database: owner,
    dataDir,
    keys: await openRetentionKeys(dataDir),
    actor,
    toldAside,
    nowUs: Date.now() * 1000,
    async sign(facts, officer) {
      const signer = await openSigningKey(dataDir)
      const document = purgeDocument(facts, officer, softwareOf(version))
      return seal('purge', document, signer, Date.now() * 1000)
    },
  }
}
