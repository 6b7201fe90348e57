import type { Migration } from 'kysely'
import * as ledger from './0001-ledger.ts'
import * as audit from './0002-audit.ts'
import * as access from './0003-access.ts'
import * as people from './0004-people.ts'
import * as identity from './0005-identity.ts'
import * as directory from './0006-directory.ts'
import * as cases from './0007-cases.ts'
import * as rights from './0008-access.ts'
import * as listeners from './0009-listeners.ts'
import * as nat from './0010-nat.ts'
import * as names from './0011-names.ts'
import * as natEvents from './0012-nat-events.ts'
import * as holding from './0013-holding.ts'
import * as rollups from './0014-rollups.ts'
import * as tokenSessions from './0015-token-sessions.ts'
import * as archive from './0016-archive.ts'
import * as archiveIndex from './0017-archive-index.ts'
import * as retention from './0018-retention.ts'
import * as partitionsOfSeveral from './0020-partitions-of-several.ts'
import * as archiveRetention from './0025-archive-retention.ts'
import * as joinedSlices from './0026-joined-slices.ts'
import * as sealedFormat from './0027-sealed-format.ts'

/**
 * Every migration, in order. A list and not a folder scan, so that it is the same in `dist/` and a
 * stray file is never run. One that was released is never changed: a new one follows it.
 */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-ledger': ledger,
  '0002-audit': audit,
  '0003-access': access,
  '0004-people': people,
  '0005-identity': identity,
  '0006-directory': directory,
  '0007-cases': cases,
  '0008-access': rights,
  '0009-listeners': listeners,
  '0010-nat': nat,
  '0011-names': names,
  '0012-nat-events': natEvents,
  '0013-holding': holding,
  '0014-rollups': rollups,
  '0015-token-sessions': tokenSessions,
  '0016-archive': archive,
  '0017-archive-index': archiveIndex,
  '0018-retention': retention,
  '0020-partitions-of-several': partitionsOfSeveral,
  '0025-archive-retention': archiveRetention,
  '0026-joined-slices': joinedSlices,
  '0027-sealed-format': sealedFormat,
}
