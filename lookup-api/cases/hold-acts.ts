import type { AddressWords } from '../../model/address.ts'
import { formatWords } from '../../model/address.ts'
import type { CaseFile, Hold } from '../../model/case.ts'
import { FlowledgerError } from '../../model/errors.ts'
import { maxLookupRows } from '../../model/limits.ts'
import type { Slice, SliceQuery } from '../../model/slice.ts'
import { formatInstant } from '../../model/time.ts'
import { actorOf } from '../../model/principal.ts'
import type { ListedFlow } from '../contract.ts'
import { sealRecorded } from '../evidence-file/export.ts'
import { sliceJson } from '../present.ts'
import { requireAddressInScope, requireAllowed } from '../question-gate.ts'
import { recordDeskAct, requireNotClosed } from './desk.ts'
import type { DeskContext } from './desk.ts'
import { holdLimits, softwareOf } from './documents.ts'
import type { HoldDocument } from './documents.ts'

/** What to hold: an address over a time, or records by name. Times are microseconds since 1970. */
export interface WantedHold {
  readonly address?: AddressWords | undefined
  readonly port?: number | undefined
  readonly fromUs?: number | undefined
  readonly toUs?: number | undefined
  readonly records: readonly string[]
  readonly reason: string
  readonly expiresUs?: number | undefined
  readonly case?: CaseFile | undefined
}

/** The longest time that one hold copies: it is read at once. */
const maxSpanUs = 366 * 86_400e6

const usage = (message: string, field: string): FlowledgerError =>
  new FlowledgerError('usage', message, { details: { field } })

function check(wanted: WantedHold, nowUs: number): void {
  const { address, fromUs, toUs, records, expiresUs } = wanted
  if (address === undefined && records.length === 0) {
    throw usage('A hold needs an address with a time, or records.', 'address')
  }
  if (address !== undefined) {
    if (fromUs === undefined) throw usage('An address is held from a time.', 'from')
    if (toUs === undefined) throw usage('An address is held to a time.', 'to')
    if (fromUs > toUs) throw usage('"from" is later than "to".', 'from')
    if (toUs - fromUs > maxSpanUs) throw usage('A hold spans at most 366 days.', 'to')
  }
  if (expiresUs !== undefined && expiresUs <= nowUs) {
    throw usage('It would have expired already.', 'expires')
  }
}

interface CopiedRows {
  readonly rows: readonly ListedFlow[]
  readonly cut: boolean
  readonly openRead: boolean
}

/** Open connections of an address; undefined where no collector can be asked. */
async function readOpen(
  { deps }: DeskContext,
  query: SliceQuery
): Promise<{ slices: readonly Slice[]; cut: boolean } | undefined> {
  try {
    const answers = await deps.openFlows.query(query)
    return {
      slices: answers.flatMap(({ flows }) => flows),
      cut: answers.some(({ cut }) => cut),
    }
  } catch (error) {
    if (error instanceof FlowledgerError && error.code === 'not-running') return undefined
    throw error
  }
}

/** Rows of the ledger that a hold is about. */
async function copyRows(context: DeskContext, wanted: WantedHold): Promise<CopiedRows> {
  const { address, port, fromUs, toUs } = wanted
  if (address === undefined || fromUs === undefined || toUs === undefined) {
    return { rows: [], cut: false, openRead: true }
  }
  const query: SliceQuery = {
    address,
    ...(port === undefined ? {} : { port }),
    fromUs,
    toUs,
    limit: maxLookupRows,
  }
  // Open ones first: one that ends meanwhile is then in the ledger, and neither is missed.
  const open = await readOpen(context, query)
  const closed = await context.deps.ledger.findSlices(query)
  const rows = [...closed.slices, ...(open?.slices ?? [])]
  return {
    rows: rows.map(sliceJson).filter((row) => row !== undefined),
    cut: closed.cut || open?.cut === true,
    openRead: open !== undefined,
  }
}

const timeOf = (us: number | undefined): string | null =>
  us === undefined ? null : formatInstant(us)

function heldJson(wanted: WantedHold): HoldDocument['held'] {
  const { address } = wanted
  return {
    case: wanted.case?.reference ?? null,
    address: address === undefined ? null : formatWords(address),
    port: wanted.port ?? null,
    from: timeOf(wanted.fromUs),
    to: timeOf(wanted.toUs),
    records: wanted.records,
    reason: wanted.reason,
  }
}

/** Leaves out what is undefined. */
const given = <T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }

/**
 * Places a hold, with a signed copy of the rows that the ledger has of it.
 *
 * @throws FlowledgerError `usage`, `not-allowed`, `case-conflict`
 */
export async function placeHold(context: DeskContext, wanted: WantedHold): Promise<Hold> {
  const { deps, evidence, holds, principal } = context
  check(wanted, deps.nowUs())
  if (wanted.address !== undefined) requireAddressInScope(principal, wanted.address)
  if (wanted.case !== undefined) requireNotClosed(wanted.case)
  const held = heldJson(wanted)
  const { rows, cut, openRead } = await copyRows(context, wanted)
  const document: HoldDocument = {
    held,
    rows,
    cut,
    open_read: openRead,
    officer: actorOf(principal),
    software: softwareOf(deps.version),
    limits: holdLimits,
  }
  const sealed = await sealRecorded('hold', document, deps, evidence, {
    principal,
    detail: { case: held.case },
  })
  const expires = timeOf(wanted.expiresUs)
  const detail = { ...held, expires, rows: rows.length, cut, file_sha256: sealed.sha256 }
  const recorded = await recordDeskAct(context, 'hold-place', detail, detail)
  return await holds.place(
    {
      records: wanted.records,
      reason: wanted.reason,
      ...given({
        address: held.address ?? undefined,
        port: wanted.port,
        fromUs: wanted.fromUs,
        toUs: wanted.toUs,
        expiresUs: wanted.expiresUs,
        caseId: wanted.case?.id,
      }),
    },
    { ...recorded, document: { text: sealed.text, sha256: sealed.sha256 } }
  )
}

/**
 * Releases a hold: an act that the configuration may require a second person for.
 *
 * @param release `approval` is the number of that person's approval
 * @throws FlowledgerError `hold-unknown`, `not-allowed`, `approval-needed`, `case-conflict`
 */
export async function releaseHold(
  context: DeskContext,
  id: number,
  release: { readonly reason: string; readonly approval?: string | undefined }
): Promise<Hold> {
  const { deps, holds, principal } = context
  const hold = await holds.read(id)
  if (hold.releasedUs !== undefined) {
    throw new FlowledgerError('case-conflict', `The hold ${id} is released already.`)
  }
  const { reason, approval } = release
  const subject = { hold: String(id) }
  const decision = await deps.access.decide(principal, 'hold-release', subject, approval)
  requireAllowed(decision, `The hold ${id} cannot be released.`)
  const { authority } = decision
  const detail = {
    hold: id,
    reason,
    ...(authority === undefined
      ? {}
      : {
          approval: authority.approval,
          approved_by: authority.approvedBy,
          emergency: authority.emergency,
        }),
  }
  const more = { ...detail, case: hold.case ?? null }
  const recorded = await recordDeskAct(context, 'hold-release', detail, more)
  return await holds.release(id, reason, recorded)
}
