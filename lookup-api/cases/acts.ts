import type { CaseEntryKind, CaseFile, CaseStatus } from '../../model/case.ts'
import { deadlinePresets, dueOf } from '../../model/deadlines.ts'
import { FlowledgerError } from '../../model/errors.ts'
import { formatInstant } from '../../model/time.ts'
import { answer } from '../answer.ts'
import { exportAnswer } from '../evidence-file/export.ts'
import type { SealedEvidence } from '../evidence-file/envelope.ts'
import type { Answer } from '../contract.ts'
import type { AnswerDependencies } from '../dependencies.ts'
import type { LookupInput } from '../query.ts'
import { recordDeskAct, requireNotClosed, requireVersion } from './desk.ts'
import type { DeskContext } from './desk.ts'

/**
 * What people do in cases. Each act is in the audit before it takes effect; the history of the case
 * names that entry.
 */

/** A case to open; without a reference one is made. */
export interface NewCase {
  readonly reference?: string | undefined
  readonly title: string
}

/** @throws FlowledgerError `case-conflict` where the reference is taken */
export async function openCase(
  context: DeskContext,
  wanted: NewCase,
  origin: Readonly<Record<string, unknown>> = {}
): Promise<CaseFile> {
  const { reference = null, title } = wanted
  const detail = { title, ...origin }
  const recorded = await recordDeskAct(context, 'case-open', detail, { case: reference })
  return await context.cases.open(wanted, recorded)
}

/** @throws FlowledgerError `case-unknown`, `case-conflict` */
export async function changeStatus(
  context: DeskContext,
  file: CaseFile,
  change: {
    readonly status: CaseStatus
    readonly reason?: string | undefined
    readonly version?: number | undefined
  }
): Promise<CaseFile> {
  const { status, reason, version } = change
  requireVersion(file, version)
  if (file.status === 'closed' && reason === undefined) {
    throw new FlowledgerError('usage', 'A closed case is opened again with a reason.', {
      details: { field: 'reason' },
    })
  }
  const more = { case: file.reference, from: file.status, to: status }
  const detail = { from: file.status, to: status, ...(reason === undefined ? {} : { reason }) }
  const recorded = await recordDeskAct(context, 'case-status', detail, more)
  return await context.cases.setStatus(file.id, version, status, recorded)
}

/** What people add to a case in words or as data. */
export type AddedKind = Extract<CaseEntryKind, 'note' | 'decision' | 'notice' | 'lookup'>

/**
 * Adds to the history.
 *
 * @param detail JSON values only
 * @returns the number of the entry
 * @throws FlowledgerError `case-conflict` where the case is closed or was changed meanwhile
 */
export async function addEntry(
  context: DeskContext,
  file: CaseFile,
  kind: AddedKind,
  detail: Readonly<Record<string, unknown>>,
  version?: number
): Promise<number> {
  requireVersion(file, version)
  requireNotClosed(file)
  const recorded = await recordDeskAct(context, `case-${kind}`, detail, { case: file.reference })
  return await context.cases.add(file.id, version, { ...recorded, kind })
}

/** Answers a question for a case; what the API counts is its own. */
export type Ask = (input: LookupInput, deps: AnswerDependencies) => Promise<Answer>

/**
 * Looks up for a case and keeps the signed answer in it.
 *
 * @throws FlowledgerError `case-conflict`; what a look-up throws
 */
export async function addLookup(
  context: DeskContext,
  file: CaseFile,
  input: LookupInput,
  ask: Ask = (given, deps) => answer(given, deps, context.principal)
): Promise<{ answer: Answer; sealed: SealedEvidence; entry: number }> {
  requireNotClosed(file)
  const { deps, evidence, principal } = context
  const given = { ...input, case: file.reference }
  const said = await exportAnswer(given, deps, evidence, principal, (of) => ask(given, of))
  const { sealed } = said
  const detail = {
    lookup: said.answer.audit_id,
    verdict: said.answer.verdict,
    file_sha256: sealed.sha256,
  }
  const recorded = await recordDeskAct(context, 'case-evidence', detail, { case: file.reference })
  const document = { text: sealed.text, sha256: sealed.sha256 }
  const entry = await context.cases.add(file.id, undefined, {
    ...recorded,
    kind: 'evidence',
    document,
  })
  return { ...said, entry }
}

/** A deadline by its preset, counted from `fromUs`, or by name and time. */
export type NewDeadline =
  | { readonly preset: string; readonly fromUs: number }
  | { readonly name: string; readonly dueUs: number; readonly basis: string }

function resolve(wanted: NewDeadline): {
  name: string
  preset?: string
  dueUs: number
  basis: string
} {
  if (!('preset' in wanted)) return wanted
  const preset = deadlinePresets.find(({ name }) => name === wanted.preset)
  if (preset === undefined) {
    const names = deadlinePresets.map(({ name }) => name).join(', ')
    throw new FlowledgerError('usage', `There is no preset "${wanted.preset.slice(0, 40)}".`, {
      fix: `There are ${names}.`,
      details: { field: 'preset' },
    })
  }
  const dueUs = dueOf(preset, wanted.fromUs)
  return { name: preset.title, preset: preset.name, dueUs, basis: preset.basis }
}

/** @throws FlowledgerError `usage` for an unknown preset, `case-conflict` */
export async function setDeadline(
  context: DeskContext,
  file: CaseFile,
  wanted: NewDeadline
): Promise<number> {
  requireNotClosed(file)
  const deadline = resolve(wanted)
  const { dueUs, ...rest } = deadline
  const counted = 'fromUs' in wanted ? { from: formatInstant(wanted.fromUs) } : {}
  const detail = { ...rest, ...counted, due: formatInstant(dueUs) }
  const recorded = await recordDeskAct(context, 'case-deadline', detail, { case: file.reference })
  return await context.cases.setDeadline(file.id, deadline, recorded)
}

/** @throws FlowledgerError `case-conflict` where the case has no such open deadline */
export async function meetDeadline(
  context: DeskContext,
  file: CaseFile,
  deadline: number
): Promise<void> {
  const detail = { deadline }
  const more = { case: file.reference, deadline }
  const recorded = await recordDeskAct(context, 'case-deadline-met', detail, more)
  await context.cases.meetDeadline(file.id, deadline, recorded)
}
