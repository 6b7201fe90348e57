import type { CaseEntry, CaseFile } from '../../model/case.ts'
import { FlowledgerError } from '../../model/errors.ts'
import { actorOf } from '../../model/principal.ts'
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

/** Every entry of a case, page by page. */
async function historyOf({ cases }: DeskContext, file: CaseFile): Promise<CaseEntry[]> {
  const entries: CaseEntry[] = []
  let cursor: string | undefined
  do {
    const page = await cases.entries(file.id, { limit: 1000, cursor })
    entries.push(...page.items)
    cursor = page.next
    if (entries.length > maxEntries) {
      throw new FlowledgerError('case-conflict', `The case has over ${maxEntries} entries.`, {
        fix: 'Export it page by page: GET /v1/cases/ID?cursor=…',
      })
    }
  } while (cursor !== undefined)
  return entries
}

/**
 * Gives out a case whole, signed: what it is, its history, holds and deadlines, and every signed
 * file in it. The history says afterwards that it was given out.
 *
 * @throws FlowledgerError `case-conflict` where it is too large for one file; `not-allowed` where
 *   it holds what the asker may not see
 */
export async function exportCase(context: DeskContext, file: CaseFile): Promise<SealedEvidence> {
  const { cases, holds, evidence, deps, principal } = context
  const [history, deadlines, held] = [
    await historyOf(context, file),
    await cases.deadlines(file.id),
    await holds.list({ caseId: file.id, limit: maxHolds }),
  ]
  const kept = await cases.documents(file.id, maxFiles + 1)
  const copies = await Promise.all(held.items.map(({ id }) => holds.document(id)))
  const texts = [...kept, ...copies.filter((text) => text !== undefined)]
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
