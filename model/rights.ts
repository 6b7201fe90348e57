/**
 * What a person or program may do. Roles are sets of rights; a route names the right that it needs.
 *
 * `lookup`: the NAT answer, an inside address; `reveal`: the identity behind it; `wide`: an answer
 * for an address without a port; `reverse`: what somebody held; `notices`, `cases`, `holds`: the
 * abuse desk's work; `approve`: be the second person; `audit`: read the audit; `flows`: list flows
 * and coverage; `reports`: capacity; `talkers`: which inside hosts cause most of it; `purge`:
 * delete before its time; `manage`: tokens, people and rules.
 */
export const rights = [
  'lookup',
  'reveal',
  'wide',
  'reverse',
  'notices',
  'cases',
  'holds',
  'approve',
  'audit',
  'flows',
  'reports',
  'talkers',
  'purge',
  'manage',
] as const

export type Right = (typeof rights)[number]

/**
 * The administrator of a small place does everything. Where `access.separate_duties` is set, that
 * role keeps `manage` and `reports` only.
 */
export const roleRights = {
  administrator: rights,
  'abuse-desk': ['lookup', 'notices', 'cases', 'flows', 'reports'],
  investigator: [
    'lookup',
    'reveal',
    'wide',
    'reverse',
    'notices',
    'cases',
    'holds',
    'flows',
    'reports',
    'talkers',
  ],
  approver: ['approve', 'cases'],
  auditor: ['audit'],
  'api-client': ['lookup', 'notices', 'flows', 'reports'],
} as const satisfies Readonly<Record<string, readonly Right[]>>

/** Name of a set of rights. */
export type Role = keyof typeof roleRights

/** Every role, in the order of the table above. */
export const roles = Object.keys(roleRights) as readonly Role[]

/** What an administrator keeps where duties are separate. */
const separateAdministrator: readonly Right[] = ['manage', 'reports']

/** What a role may do; `separateDuties` as the configuration says. */
export function rightsOfRole(role: Role, separateDuties: boolean): readonly Right[] {
  return role === 'administrator' && separateDuties ? separateAdministrator : roleRights[role]
}

/** A role by its name; `lookup` is what `api-client` was called once. Undefined: no such role. */
export function parseRole(text: string): Role | undefined {
  const name = text === 'lookup' ? 'api-client' : text
  return roles.find((role) => role === name)
}

/** Acts that the configuration may require a second person for. */
export const approvalActs = ['reveal', 'wide', 'reverse', 'hold-release', 'purge'] as const

export type ApprovalAct = (typeof approvalActs)[number]
