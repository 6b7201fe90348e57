import { makeDesk } from '../appliance/serving/case-desk.ts'
import { answer } from '../lookup-api/answer.ts'
import type { Answer } from '../lookup-api/contract.ts'
import type { AnswerDependencies } from '../lookup-api/dependencies.ts'
import { exportAnswer } from '../lookup-api/evidence-file/export.ts'
import type { LookupInput } from '../lookup-api/query.ts'
import type { Config } from '../model/config.ts'
import type { Principal } from '../model/principal.ts'
import type { Database } from '../store/database.ts'
import { writeEvidence } from './write-evidence.ts'

/** The flags of `lookup` that ask for evidence. */
interface EvidenceFlags {
  readonly evidence?: string
  readonly page?: string
  readonly pdf?: string
}

/** The answer of `flowledger lookup`; signed and written where the flags ask for it. */
export async function answerForCommand(
  input: LookupInput,
  deps: AnswerDependencies,
  principal: Principal,
  given: {
    readonly config: Config
    readonly databases: { readonly audit: Database }
    readonly flags: EvidenceFlags
  }
): Promise<Answer> {
  const { evidence: file, page, pdf } = given.flags
  if (file === undefined) return await answer(input, deps, principal)
  const { evidence } = makeDesk(() => given.config, given.databases.audit)
  const { answer: said, sealed } = await exportAnswer(input, deps, evidence, principal, (of) =>
    answer(input, of, principal)
  )
  await writeEvidence(sealed, {
    file,
    ...(page === undefined ? {} : { page }),
    ...(pdf === undefined ? {} : { pdf }),
  })
  return said
}
