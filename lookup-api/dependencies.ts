import type { AddressWords, Prefix } from '../model/address.ts'
import type { SourceCoverage } from '../model/coverage.ts'
import type { Holding, IdentitySourceKind, Subscriber, SubscriberKey } from '../model/identity.ts'
import type { NatNotice, NatNoticeQuery } from '../model/nat-notice.ts'
import type { OpenFlows } from '../model/open-flows.ts'
import type { AccessRules } from '../model/access-rules.ts'
import type { Principal, TokenHolder } from '../model/principal.ts'
import type { ApprovalAct } from '../model/rights.ts'
import type { Slice, SliceQuery } from '../model/slice.ts'

/** What look-ups need of the rest of the program; the wiring hands it in. */

/** Which slices a page of `/v1/flows` lists: those that start in [fromUs, toUs]. */
export interface FlowFilter {
  readonly fromUs: number
  readonly toUs: number
  readonly inside?: AddressWords | undefined
  readonly public?: AddressWords | undefined
  readonly limit: number
  /** Left out: oldest first. */
  readonly order?: 'oldest' | 'newest' | undefined
  /** Blocks of the ledger after which a page ends, however few it has; left out: none. */
  readonly maxBlocks?: number | undefined
  /** Where the page before ended: its `next`, which only the ledger understands. */
  readonly cursor?: string | undefined
}

/** A page and, where more follows, the cursor of the next. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly next?: string
}

/** The ledger, as a look-up reads it. */
export interface LedgerQueries {
  /** Slices that meet the query; `cut` where its limit left some out. */
  findSlices(query: SliceQuery): Promise<{ slices: readonly Slice[]; cut: boolean }>
  /** Every source, with the gaps that meet [fromUs, toUs]. */
  readCoverage(fromUs: number, toUs: number): Promise<readonly SourceCoverage[]>
  /** @throws FlowledgerError `usage` where the cursor is not one of its own */
  listFlows(filter: FlowFilter): Promise<Page<Slice>>
  /**
   * Blocks of ports and computed ports that an inside address had; left out: there are none.
   */
  heldPorts?(query: HeldPortsFilter): Promise<readonly Slice[]>
  /** Quotas, thresholds and exhaustion; left out: none are kept. */
  listNatNotices?(query: NatNoticeQuery): Promise<Page<NatNotice>>
  /** Left out: the rows of a batch are read one by one. */
  readonly many?: ManyLedgerQueries
}

/** An inside address and a time of which what it had is asked. */
export interface HeldPortsFilter {
  readonly inside: AddressWords
  readonly fromUs: number
  readonly toUs: number
  readonly limit: number
}

/** The ledger, read for many questions in one round trip. */
export interface ManyLedgerQueries {
  /** As `findSlices`, one answer for each query, in their order; each query has a port. */
  findSlices(
    queries: readonly SliceQuery[]
  ): Promise<readonly { slices: readonly Slice[]; cut: boolean }[]>
  /** Every source, with the gaps that meet any of the windows. */
  readCoverage(windows: readonly TimeWindow[]): Promise<readonly SourceCoverage[]>
}

/** Both ends included; microseconds since 1970. */
export interface TimeWindow {
  readonly fromUs: number
  readonly toUs: number
}

/** What is written of an act. `detail` holds JSON values only. */
export interface AuditEntry {
  readonly actor: string
  readonly action: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** An entry as it is read back. */
export interface RecordedEntry extends AuditEntry {
  readonly id: string | number
  /** RFC 3339, UTC. */
  readonly at: string
  /** Hexadecimal SHA-256 that chains this entry to the one before. */
  readonly hash: string
}

/** Which entries a page of `/v1/audit` lists, newest first. */
export interface AuditPageQuery {
  readonly limit: number
  readonly cursor?: string | undefined
}

/** The audit: what is not written there is not answered. */
export interface AuditLog {
  appendAudit(entry: AuditEntry): Promise<{ readonly id: string | number; readonly hash: string }>
  /** @throws FlowledgerError `usage` where the cursor is not one of its own */
  listAudit(page: AuditPageQuery): Promise<Page<RecordedEntry>>
}

export interface TokenStore {
  /** Undefined for a token that is unknown, expired or revoked. */
  check(token: string): Promise<TokenHolder | undefined>
}

/** What an act was allowed by, beside a right. */
export interface Authority {
  readonly act: ApprovalAct
  /** Number of the approval, or of the override. */
  readonly approval: string
  /** Who approved; null for an emergency override. */
  readonly approvedBy: string | null
  readonly emergency: boolean
}

/** `authority` where it took more than the right. `why` is a sentence for who asked. */
export type Decision =
  | { readonly allowed: true; readonly authority?: Authority }
  | { readonly allowed: false; readonly needs: 'right' | 'approval'; readonly why: string }

/**
 * What an approval is for: the question, or the object, exactly. Texts as {@link subjectOf} makes
 * them, so that the same question is the same subject however it was spelt.
 */
export type Subject = Readonly<Record<string, string>>

/** The approvals, as the gate uses them. */
export interface ApprovalUses {
  /** Spends one use; undefined where it does not hold for this person, act and subject. */
  use(
    id: string,
    act: ApprovalAct,
    subject: Subject,
    requester: string
  ): Promise<
    | { readonly id: string; readonly state: string; readonly decider: string | undefined }
    | undefined
  >
}

/** The rules of who may do what: the one gate of the acts that may need a second person. */
export interface Access {
  readonly rules: AccessRules
  /**
   * Whether the principal may do the act on the subject. Where a second person is needed, one use
   * of the approval named is spent.
   *
   * @param approval number of the approval, as the asker gave it
   */
  decide(
    principal: Principal,
    act: ApprovalAct,
    subject: Subject,
    approval?: string
  ): Promise<Decision>
}

/** Holdings of whatever is named, that meet [fromUs, toUs]. */
export interface SubjectQuery {
  readonly mac?: string
  readonly duid?: string
  readonly user?: string
  readonly circuitId?: string
  readonly remoteId?: string
  readonly prefix?: Prefix
  readonly fromUs: number
  readonly toUs: number
  readonly limit: number
}

/** Who held an address in [fromUs, toUs]? */
export interface HolderQuery extends TimeWindow {
  readonly address: AddressWords
  readonly limit: number
}

/** Who held inside addresses, read for many questions in one round trip: an answer for each. */
export interface ManyIdentityQueries {
  findHoldings(queries: readonly HolderQuery[]): Promise<readonly (readonly Holding[])[]>
  sources(windows: readonly TimeWindow[]): Promise<readonly (readonly IdentityCoverage[])[]>
}

/** Holdings that meet the window, by prefix, after that of the page before. */
export interface InsidePage extends TimeWindow {
  readonly after?: Prefix | undefined
  readonly limit: number
}

/** Who held inside addresses. */
export interface IdentityQueries {
  /** Holdings of every prefix that holds the address, that meet [fromUs, toUs]. */
  findHoldings(query: HolderQuery): Promise<readonly Holding[]>
  /** Left out: the rows of a batch are read one by one. */
  readonly many?: ManyIdentityQueries
  holdingsOf(query: SubjectQuery): Promise<readonly Holding[]>
  /** What is held inside, by prefix, a page at a time; left out: it cannot be listed. */
  inside?(query: InsidePage): Promise<readonly Holding[]>
  /** Every source that has reported, with the gaps that meet [fromUs, toUs]. */
  sources(fromUs: number, toUs: number): Promise<readonly IdentityCoverage[]>
  /** True of a log-in that the configuration says several people use; left out: of none. */
  isShared?(user: string): boolean
  /** False while no source has ever reported: then there is nothing to be known or withheld. */
  connected(): Promise<boolean>
}

/** How well a source of identities was heard. */
export interface IdentityCoverage {
  readonly name: string
  readonly kind: IdentitySourceKind
  readonly heardFromUs: number | undefined
  readonly lastHeardUs: number | undefined
  readonly gaps: readonly { readonly fromUs: number; readonly toUs: number }[]
}

/** A key of a subscriber, true in [fromUs, toUs). */
export interface DatedKey extends SubscriberKey {
  readonly directory: string
  readonly fromUs: number
  readonly toUs: number
}

/** Whose the devices, lines and accounts are. */
export interface DirectoryQueries {
  /** Whoever any of the keys names at `atUs`, with the key that did. */
  findSubscribers(keys: readonly SubscriberKey[], atUs: number): Promise<readonly Subscriber[]>
  /** What a subscriber was known by, by its number; nothing where no directory has it. */
  keysOf(id: string): Promise<readonly DatedKey[]>
  /** False while there is no directory: then a chain ends at the device or log-in. */
  connected(): Promise<boolean>
}

/** Our own addresses, as the configuration names them. */
export interface OwnNetworks {
  readonly inside: readonly Prefix[]
  /** Public prefixes, each with the source that sees its traffic where that is said. */
  readonly public: readonly { readonly prefix: Prefix; readonly source?: string }[]
}

/** An inside prefix, and when it was somebody's; microseconds since 1970, the end not included. */
export interface SubjectSpan {
  readonly prefix: Prefix
  readonly fromUs: number
  readonly toUs: number
}

/** What is held on somebody beside holdings. */
export interface SubjectQueries {
  /** Rows of the addresses in their times; `failed` names files that could not be read. */
  count(
    spans: readonly SubjectSpan[],
    watch?: (done: number, outOf: number) => void
  ): Promise<{
    readonly flows: number
    readonly sealed: number
    readonly held: number
    readonly portBlocks: number
    readonly natEvents: number
    readonly failed: readonly string[]
  }>
  /** Where the audit, cases and holds name somebody. */
  mentions(names: readonly string[]): Promise<{
    readonly audit: readonly { readonly id: number; readonly action: string }[]
    readonly auditCount: number
    readonly cases: readonly string[]
    readonly holds: readonly number[]
  }>
}

/** What {@link answer} needs. */
export interface AnswerDependencies {
  /** Left out: what is held on a person cannot be shown. */
  readonly subjects?: SubjectQueries
  readonly ledger: LedgerQueries
  readonly openFlows: OpenFlows
  readonly audit: AuditLog
  readonly access: Access
  /** Left out: no source of identities is connected. */
  readonly identity?: IdentityQueries
  /** Left out: no directory is connected; a chain ends at the device or log-in. */
  readonly directory?: DirectoryQueries
  /** Keyed hash of a far end, as rows have it once it is past; left out: none was hashed here. */
  readonly hashDestination?: (ip: AddressWords, port: number) => Promise<string | undefined>
  /** Left out: what is ours is not configured, and "not our address" is never claimed. */
  readonly networks?: OwnNetworks
  /** The wall clock, in microseconds since 1970. */
  readonly nowUs: () => number
  /** The program's version, for the audit. */
  readonly version: string
}
