import type { Prefix } from './address.ts'
import { rightsOfRole } from './rights.ts'
import type { Right, Role } from './rights.ts'

/** At most `count` requests in `perUs` microseconds. */
export interface RateLimit {
  readonly count: number
  readonly perUs: number
}

/** What is kept of a token beside its hash: whose it is, and what it was narrowed to. */
export interface TokenHolder {
  readonly name: string
  readonly role: Role
  /** The human who holds it, as it was written; left out: nobody is named. */
  readonly person?: string
  /** The person who made it. */
  readonly createdBy?: string
  /** Left out: every right of the role. */
  readonly rights?: readonly Right[]
  /** Addresses that may be asked for; left out: all. */
  readonly prefixes?: readonly Prefix[]
  readonly limit?: RateLimit
}

/**
 * Who acts, and what they may do. `person` is the human behind it, folded, so that two tokens of
 * one human, or a token and a log-in, are one person.
 */
export interface Principal {
  /** `cli`: a user of the command line, who reads the database's passwords anyway. */
  readonly kind: 'token' | 'person' | 'cli'
  readonly name: string
  readonly person: string
  /** False where no human is named: such a one is never one of two persons. */
  readonly named: boolean
  /** Of a token the person who made it: to them it is no second person. */
  readonly createdBy?: string
  readonly role: Role
  readonly rights: ReadonlySet<Right>
  readonly prefixes?: readonly Prefix[]
  readonly limit?: RateLimit
}

/** A person's name as names are compared: case, width and outer white space do not count. */
export function foldPerson(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase().replaceAll(/\s+/g, ' ')
}

/** How the audit names who acts. */
export function actorOf({ kind, name }: Principal): string {
  return `${kind}:${name}`
}

/** Who a token acts for. Its rights are those of its role that it was not narrowed from. */
export function principalOfToken(holder: TokenHolder, separateDuties: boolean): Principal {
  const { name, role, person, createdBy, rights, prefixes, limit } = holder
  const ofRole = rightsOfRole(role, separateDuties)
  return {
    kind: 'token',
    name,
    person: person === undefined ? `token:${name}` : foldPerson(person),
    named: person !== undefined,
    ...(createdBy === undefined ? {} : { createdBy }),
    role,
    rights: new Set(rights === undefined ? ofRole : ofRole.filter((one) => rights.includes(one))),
    ...(prefixes === undefined ? {} : { prefixes }),
    ...(limit === undefined ? {} : { limit }),
  }
}

/** A human who logged in, by the account that the provider vouched for. */
export interface PersonHolder {
  readonly name: string
  /** Folded, see {@link foldPerson}. */
  readonly person: string
  readonly roles: readonly Role[]
}

/** Who a log-in acts for: every right of every role. */
export function principalOfPerson(holder: PersonHolder, separateDuties: boolean): Principal {
  const { person, roles } = holder
  return {
    kind: 'person',
    name: person,
    person,
    named: true,
    role: roles[0] ?? 'auditor',
    rights: new Set(roles.flatMap((role) => rightsOfRole(role, separateDuties))),
  }
}

/** A user of the command line. Nobody proved which human that is, so they are not a person. */
export function principalOfUser(user: string): Principal {
  return {
    kind: 'cli',
    name: user,
    person: `cli:${user}`,
    named: false,
    role: 'administrator',
    rights: new Set(rightsOfRole('administrator', false)),
  }
}
