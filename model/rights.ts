/**
 * What a person or program may do. Roles are sets of rights; a route names the right that it needs.
 *
 * `lookup`: the NAT answer, an inside address; `reveal`: the identity behind it; `wide`: an answer
 * for an address without a port; `reverse`: what somebody held; `notices`, `cases`, `holds`: the
 * abuse desk's work; `approve`: be the second person; `audit`: read the audit; `flows`: list flows
 * and coverage; `reports`: capacity; `purge`: delete before its time; `manage`: tokens and people.
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
  ],
  approver: ['approve', 'cases'],
  auditor: ['audit'],
  'api-client': ['lookup', 'notices', 'flows', 'reports'],
} as const satisfies Readonly<Record<string, readonly Right[]>>

export type Role = keyof typeof roleRights

export const roles = Object.keys(roleRights) as readonly Role[]

/** Acts that the configuration may require a second person for. */
export const approvalActs = ['reveal', 'wide', 'reverse', 'hold-release', 'purge'] as const

export type ApprovalAct = (typeof approvalActs)[number]
