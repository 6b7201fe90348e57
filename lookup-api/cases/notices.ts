import { createHash } from 'node:crypto'
import type { CaseFile } from '../../model/case.ts'
import { FlowledgerError } from '../../model/errors.ts'
import type { NoticesBody } from '../notices/contract.ts'
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

/** What was read of a message, without what was found out about it: that is in its look-ups. */
export function parsedOf({
  notices,
  skipped,
  why,
}: NoticesBody): Readonly<Record<string, unknown>> {
  const read = notices.map((notice) => {
    const { answers: _, outcomes: __, intersection: ___, replies: ____, ...claimed } = notice
    return claimed
  })
  return { notices: read, skipped, ...(why === null ? {} : { why }) }
}

function titleOf({ notices: [first, ...more] }: NoticesBody): string {
  if (first === undefined) return 'A message in which no notice was found'
  const id = first.id === null ? '' : ` ${first.id}`
  const from = first.sender.address === null ? '' : ` from ${first.sender.address}`
  const others = more.length === 0 ? '' : `, and ${more.length} more`
  return `Notice${id}${from}${others}`
}

/**
 * Puts a message into the case that is named, where there is one, or into a new one.
 *
 * @param wanted `new`, or a reference; one that no case has is a reference for the audit alone
 * @returns the case that it is in; undefined where it is in none
 * @throws FlowledgerError `not-allowed` where the asker may not work on cases; `case-conflict`
 */
export async function fileNotice(
  context: DeskContext,
  wanted: string,
  raw: Uint8Array,
  reading: NoticesBody
): Promise<CaseFile | undefined> {
  const notice = { raw, parsed: parsedOf(reading) }
  const mayFile = context.principal.rights.has('cases')
  if (wanted === 'new') {
    if (mayFile) return await openCaseFromNotice(context, notice, { title: titleOf(reading) })
    throw new FlowledgerError('not-allowed', 'You may not open a case.', {
      fix: 'It needs the right cases.',
    })
  }
  const { items } = await context.cases.list({ reference: wanted, limit: 1 })
  const [file] = items
  if (file === undefined || !mayFile) return undefined
  await addNotice(context, file, notice)
  return file
}
