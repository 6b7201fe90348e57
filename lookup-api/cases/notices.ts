import { createHash } from 'node:crypto'
import type { CaseFile } from '../../model/case.ts'
import { addEntry, openCase } from './acts.ts'
import type { DeskContext } from './desk.ts'

/** A notice as a case keeps it: what was read of it, and the digest of what came. */
export interface CaseNotice {
  /** The message as it came; only its SHA-256 and length are kept. */
  readonly raw: Uint8Array
  /** What was read of it; JSON values only. */
  readonly parsed: Readonly<Record<string, unknown>>
}

const detailOf = ({ raw, parsed }: CaseNotice): Record<string, unknown> => ({
  sha256: createHash('sha256').update(raw).digest('hex'),
  bytes: raw.length,
  parsed,
})

/** Adds a notice to a case; gives the number of the entry. */
export async function addNotice(
  context: DeskContext,
  file: CaseFile,
  notice: CaseNotice
): Promise<number> {
  return await addEntry(context, file, 'notice', detailOf(notice))
}

/**
 * Opens a case for a notice and puts the notice into it.
 *
 * @param title what people shall call it, such as the sender and the sender's number
 * @throws FlowledgerError `case-conflict` where the reference is taken
 */
export async function openCaseFromNotice(
  context: DeskContext,
  notice: CaseNotice,
  { title, reference }: { readonly title: string; readonly reference?: string | undefined }
): Promise<CaseFile> {
  const clean = title
    .replaceAll(/[\p{Cc}\p{Cs}]+/gu, ' ')
    .trim()
    .slice(0, 300)
  const wanted = { title: clean === '' ? 'Notice' : clean, reference }
  const file = await openCase(context, wanted, { origin: 'notice' })
  await addNotice(context, file, notice)
  return await context.cases.read(file.id)
}
