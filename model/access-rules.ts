import type { ApprovalAct } from './rights.ts'

/** What the configuration says of who may do what, and of what it takes. */
export interface AccessRules {
  /** The administrator keeps `manage` and `reports` only. */
  readonly separateDuties: boolean
  /** Acts that need another person's approval. */
  readonly secondPerson: readonly ApprovalAct[]
  /** What a question has to say. */
  readonly require: readonly ('case' | 'purpose')[]
  /** How long an approval holds once it is given, and how often it may be used. */
  readonly approvalUs: number
  readonly approvalUses: number
  /** Whether an override without a second person is possible, and how long it holds. */
  readonly emergency: boolean
  readonly emergencyUs: number
}

/** The rules of a small installation: a right is enough for everything. */
export const plainRules: AccessRules = {
  separateDuties: false,
  secondPerson: [],
  require: [],
  approvalUs: 24 * 3600e6,
  approvalUses: 1,
  emergency: false,
  emergencyUs: 3600e6,
}
