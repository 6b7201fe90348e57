import { pastFields, rulesOf } from './due-purge.ts'
import type { DuePurge, RetentionBasis } from './due-purge.ts'
import type { PastField } from './purge-fields.ts'
import type { RowSource } from './partitions.ts'
import { dropFile, rewriteWithout } from './purge-sealed.ts'
import { hasDropped, pastInFile, readKeptFiles } from './sealed-files.ts'
import type { KeptFile } from './sealed-files.ts'

/** Fields that a file still has and that are past. */
const lossesOf = (
  file: KeptFile,
  sources: readonly RowSource[],
  { rules, nowUs }: RetentionBasis
): readonly PastField[] =>
  pastFields((field) =>
    pastInFile(file, field, sources, rules, nowUs).filter(
      ({ id, rule }) => !hasDropped(file, field, rule.leave, id)
    )
  )

/** Sealed files: those that are past as a whole are removed, others are written anew. */
export async function* dueFiles(
  basis: RetentionBasis,
  sources: readonly RowSource[]
): AsyncGenerator<DuePurge> {
  const { database, rules, nowUs, archive } = basis
  if (archive === undefined) return
  for (const file of await readKeptFiles(database)) {
    const past = pastInFile(file, undefined, sources, rules, nowUs)
    const { path: subject, rows } = file
    const gone = { kind: 'flows', subject, rules: rulesOf(past), rows }
    if (past.length === file.sources.length) {
      yield { ...gone, act: 'file', run: (context) => dropFile(context, archive, file, past) }
      continue
    }
    if (past.length > 0) {
      yield {
        ...gone,
        act: 'rows',
        run: (context) => rewriteWithout(context, archive, file, { past }),
      }
    }
    const left = sources.filter(({ id }) => !past.some((one) => one.id === id))
    for (const what of lossesOf(file, left, basis)) {
      const { field, leave: act } = what
      const run: DuePurge['run'] = (context) => rewriteWithout(context, archive, file, what)
      yield { kind: 'flows', subject, field, act, rules: rulesOf(what.past), rows, run }
    }
  }
}
