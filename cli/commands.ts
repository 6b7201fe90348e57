import type { Command } from 'commander'
import { addApplications } from './commands/applications.ts'
import { addApproval } from './commands/approval.ts'
import { addCapture } from './commands/capture.ts'
import { addCase } from './commands/case.ts'
import { addCheckConfig } from './commands/check-config.ts'
import { addClassify } from './commands/classify.ts'
import { addCollect } from './commands/collect.ts'
import { addCompletion } from './commands/completion.ts'
import { addDecode } from './commands/decode.ts'
import { addDemo } from './commands/demo.ts'
import { addDirectory } from './commands/directory.ts'
import { addDoctor } from './commands/doctor.ts'
import { addExport } from './commands/export.ts'
import { addExplain } from './commands/explain.ts'
import { addHold } from './commands/hold.ts'
import { addImport } from './commands/import.ts'
import { addKey } from './commands/key.ts'
import { addLookup } from './commands/lookup.ts'
import { addNatpool } from './commands/natpool.ts'
import { addMigrate } from './commands/migrate.ts'
import { addNotice } from './commands/notice.ts'
import { addPeople } from './commands/people.ts'
import { addPolicy } from './commands/policy.ts'
import { addProtocols } from './commands/protocols.ts'
import { addReport } from './commands/report.ts'
import { addRules } from './commands/rules.ts'
import { addSeal } from './commands/seal.ts'
import { addRetention } from './commands/retention.ts'
import { addServe } from './commands/serve.ts'
import { addStream } from './commands/stream.ts'
import { addSubject } from './commands/subject.ts'
import { addToken } from './commands/token.ts'
import { addUp } from './commands/up.ts'
import { addVerify } from './commands/verify.ts'
import { addVerifyArchive } from './commands/verify-archive.ts'
import { addVerifyAudit } from './commands/verify-audit.ts'
import { addVersion } from './commands/version.ts'

/** A heading of the help and the commands under it. */
interface CommandGroup {
  readonly heading: string
  readonly commands: readonly ((program: Command) => void)[]
}

/** Every command: one file each, one line here. */
export const commandGroups: readonly CommandGroup[] = [
  { heading: 'Run:', commands: [addUp, addCollect, addServe, addDemo] },
  {
    heading: 'Ask and take in:',
    commands: [
      addLookup,
      addNotice,
      addVerify,
      addCase,
      addHold,
      addImport,
      addDecode,
      addDirectory,
      addExport,
      addNatpool,
      addReport,
    ],
  },
  {
    heading: 'Look into traffic:',
    commands: [
      addCapture,
      addClassify,
      addExplain,
      addProtocols,
      addApplications,
      addRules,
      addStream,
      addPolicy,
    ],
  },
  {
    heading: 'Look after it:',
    commands: [
      addDoctor,
      addToken,
      addApproval,
      addPeople,
      addKey,
      addRetention,
      addSubject,
      addVerifyAudit,
      addSeal,
      addVerifyArchive,
      addMigrate,
      addCheckConfig,
      addCompletion,
      addVersion,
    ],
  },
]
