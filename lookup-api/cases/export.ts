import type { CaseEntry, CaseFile } from '../../model/case.ts'
import { FlowledgerError } from '../../model/errors.ts'
import { actorOf } from '../../model/principal.ts'
import type { CasePage } from '../../store/cases.ts'
import type { Envelope, SealedEvidence } from '../evidence-file/envelope.ts'
import { sealRecorded } from '../evidence-file/export.ts'
import type { DeskContext } from './desk.ts'
import { recordDeskAct } from './desk.ts'
import { caseLimits, softwareOf } from './documents.ts'
import type { CaseDocument } from './documents.ts'
import { requireReadable } from './reading.ts'
import { caseJson, deadlineJson, entryJson, holdJson } from './present.ts'

/** Bounds of one export: a case beyond them is more than one file should hold. */
const maxEntries = 20_000
const maxFiles = 2000
const maxHolds = 1000

/** Entries that are read at a time, and signed files, which are much larger. */
const pageEntries = 1000
const pageFiles = 50

/** All of a list that comes in pages; ends once there are more than `most`. */
async function allOf<T>(
  most: number,
  read: (cursor: string | undefined) => Promise<CasePage<T>>,
  watch: (read: number) => void
): Promise<T[]> {
  const all: T[] = []
  let cursor: string | undefined
  do {
    const page = await read(cursor)
    all.push(...page.items)
    watch(all.length)
    cursor = page.next
  } while (cursor !== undefined && all.length <= most)
  return all
}

/** Every entry of a case. */
async function historyOf(
  { cases }: DeskContext,
  file: CaseFile,
  watch: (read: number) => void
): Promise<CaseEntry[]> {
  const entries = await allOf(
    maxEntries,
    (cursor) => cases.entries(file.id, { limit: pageEntries, cursor }),
    watch
  )
  if (entries.length > maxEntries) {
    throw new FlowledgerError('case-conflict', `The case has over ${maxEntries} entries.`, {
      fix: 'Export it page by page: GET /v1/cases/ID?cursor=…',
    })
  }
  return entries
}

/**
 * Gives out a case whole, signed: what it is, its history, holds and deadlines, and every signed
 * file in it. The history says afterwards that it was given out.
 *
 * @param watch told how many entries and signed files were read
 * @throws FlowledgerError `case-conflict` where it is too large for one file; `not-allowed` where
 *   it holds what the asker may not see
 */
export async function exportCase(
  context: DeskContext,
  file: CaseFile,
  watch: (read: number, outOf: number) => void = () => {}
): Promise<SealedEvidence> {
  const { cases, holds, evidence, deps, principal } = context
  const size = await cases.size(file.id)
  const all = size.entries + size.files
  const history = await historyOf(context, file, (read) => watch(read, all))
  const [deadlines, held] = [
    await cases.deadlines(file.id),
    await holds.list({ caseId: file.id, limit: maxHolds }),
  ]
  const kept = await allOf(
    maxFiles,
    (cursor) => cases.documents(file.id, { limit: pageFiles, cursor }),
    (read) => watch(history.length + read, all)
  )
  const copies = await Promise.all(held.items.map(({ id }) => holds.document(id)))
  const texts = [...kept.map(({ text }) => text), ...copies.filter((text) => text !== undefined)]
  if (texts.length > maxFiles || held.next !== undefined) {
    throw new FlowledgerError('case-conflict', `The case holds over ${maxFiles} signed files.`, {
      fix: 'Take them out one by one: GET /v1/cases/ID/evidence/ENTRY.',
    })
  }
  const files = texts.map((text) => JSON.parse(text) as Envelope)
  for (const one of files) requireReadable(principal, one)
  const document: CaseDocument = {
    case: caseJson(file),
    deadlines: deadlines.map(deadlineJson),
    holds: held.items.map(holdJson),
    history: history.map(entryJson),
    evidence: files,
    officer: actorOf(principal),
    software: softwareOf(deps.version),
    limits: caseLimits,
  }
  const sealed = await sealRecorded('case', document, deps, evidence, {
    principal,
    detail: { case: file.reference },
  })
  const detail = { file_sha256: sealed.sha256, entries: history.length, files: texts.length }
  const recorded = await recordDeskAct(context, 'case-export', detail, { case: file.reference })
  await cases.note(file.id, { ...recorded, kind: 'exported' })
  return sealed
}
