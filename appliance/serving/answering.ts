/**
 * What an answer needs, put together from the stores: the API and `flowledger lookup` answer from
 * the very same parts.
 */
import { makeDirectoryQueries, makeIdentityQueries } from './answering-people.ts'
import type { AnswerDependencies, AuditLog } from '../../lookup-api/dependencies.ts'
import { makeAccess } from '../../lookup-api/access.ts'
import { linkToCases } from '../../lookup-api/cases/link.ts'
import type { Config } from '../../model/config.ts'
import { sharedUsersOf } from '../../model/identity-sources.ts'
import type { OpenFlows } from '../../model/open-flows.ts'
import { version } from '../../model/version.ts'
import type { AuditHeads } from '../../store/audit-head.ts'
import { ApprovalStore } from '../../store/approvals.ts'
import { Archive } from '../../store/archive/archive.ts'
import { AuditWriter, listAudit } from '../../store/audit.ts'
import { CaseStore } from '../../store/cases.ts'
import { makeReadCoverage, makeReadCoverageOf } from '../../store/coverage-query.ts'
import type { Database } from '../../store/database.ts'
import { makeListAllFlows } from '../../store/archive/list-flows.ts'
import { makeFindManyMappings, makeFindMappings, makeHeldPorts } from '../../store/find-mappings.ts'
import { makeListNatNotices } from '../../store/nat-event-list.ts'
import { hashDestinationBy } from '../../store/retention/destination-hash.ts'
import { SourceList } from '../../store/source-list.ts'
import { countSubject } from '../../store/subject/count-subject.ts'
import { findMentions } from '../../store/subject/mentions.ts'

/** Pools of the log-ins that answers are made with. */
export interface AnswerDatabases {
  readonly lookup: Database
  readonly audit: Database
  readonly identity: Database
  readonly directory: Database
}

/**
 * @param databases they stay the caller's to close
 * @param archive read with the ledger; left out: opened where the configuration says
 * @param heads who keeps the head of the audit; left out: it is in the data directory
 */
export function makeAnswerDependencies(
  config: Config,
  databases: AnswerDatabases,
  openFlows: OpenFlows,
  archive = new Archive(databases.lookup, config.archive.directory),
  heads: AuditHeads | string = config.dataDir
): AnswerDependencies {
  const { lookup, audit } = databases
  const sources = new SourceList(lookup)
  const writer = new AuditWriter(audit, heads)
  const auditLog: AuditLog = {
    appendAudit: (entry) => writer.appendAudit(entry),
    listAudit: (page) => listAudit(audit, page),
  }
  return {
    ledger: {
      findSlices: makeFindMappings(lookup, sources, archive),
      readCoverage: makeReadCoverage(lookup, archive),
      listFlows: makeListAllFlows(lookup, archive, sources),
      heldPorts: makeHeldPorts(lookup, sources),
      listNatNotices: makeListNatNotices(lookup, sources),
      many: {
        findSlices: makeFindManyMappings(lookup, sources, archive),
        readCoverage: makeReadCoverageOf(lookup, archive),
      },
    },
    openFlows,
    subjects: {
      count: (spans, watch) => countSubject(lookup, archive.directory, spans, watch),
      mentions: (names) => findMentions(audit, names),
    },
    audit: linkToCases(auditLog, new CaseStore(audit)),
    access: makeAccess(config.access, { approvals: new ApprovalStore(audit), audit: auditLog }),
    identity: {
      ...makeIdentityQueries(databases.identity),
      isShared: sharedUsersOf(config.collector.identity),
    },
    hashDestination: hashDestinationBy(config.dataDir),
    directory: makeDirectoryQueries(config, databases.directory, auditLog),
    ...(config.networks === undefined ? {} : { networks: config.networks }),
    nowUs: () => Date.now() * 1000,
    version,
  }
}
