/**
 * What an answer needs, put together from the stores: the API and `flowledger lookup` answer from
 * the very same parts.
 */
import type { AnswerDependencies, AuditLog } from './lookup-api/dependencies.ts'
import { makeAccess } from './lookup-api/access.ts'
import type { Config } from './model/config.ts'
import type { OpenFlows } from './model/open-flows.ts'
import { version } from './model/version.ts'
import { ApprovalStore } from './store/approvals.ts'
import { AuditWriter, listAudit } from './store/audit.ts'
import { makeReadCoverage, makeReadCoverageOf } from './store/coverage-query.ts'
import type { Database } from './store/database.ts'
import { makeListFlows } from './store/flow-list.ts'
import { makeFindManySlices, makeFindSlices } from './store/ledger-query.ts'
import { SourceList } from './store/source-list.ts'

/** @param databases pools of the log-ins `lookup` and `audit`, which stay the caller's to close */
export function makeAnswerDependencies(
  config: Config,
  databases: { readonly lookup: Database; readonly audit: Database },
  openFlows: OpenFlows
): AnswerDependencies {
  const { lookup, audit } = databases
  const sources = new SourceList(lookup)
  const writer = new AuditWriter(audit, config.dataDir)
  const auditLog: AuditLog = {
    appendAudit: (entry) => writer.appendAudit(entry),
    listAudit: (page) => listAudit(audit, page),
  }
  return {
    ledger: {
      findSlices: makeFindSlices(lookup, sources),
      readCoverage: makeReadCoverage(lookup),
      listFlows: makeListFlows(lookup, sources),
      many: {
        findSlices: makeFindManySlices(lookup, sources),
        readCoverage: makeReadCoverageOf(lookup),
      },
    },
    openFlows,
    audit: auditLog,
    access: makeAccess(config.access, { approvals: new ApprovalStore(audit), audit: auditLog }),
    ...(config.networks === undefined ? {} : { networks: config.networks }),
    nowUs: () => Date.now() * 1000,
    version,
  }
}
