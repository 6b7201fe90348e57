import type { JWTPayload } from 'jose'
import type { OidcConfig } from '../../model/access-schema.ts'
import { foldPerson } from '../../model/principal.ts'
import type { Role } from '../../model/rights.ts'
import type { Account } from '../../store/people.ts'
import { logInFailed } from './provider.ts'

const maxGroups = 2000

/** A claim by its name, or by its path: `realm_access.roles`. */
function claimOf(payload: JWTPayload, name: string): unknown {
  if (Object.hasOwn(payload, name)) return payload[name]
  let value: unknown = payload
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = Reflect.get(value, part)
  }
  return value
}

function rolesOf(payload: JWTPayload, { roleClaim, roleOf }: OidcConfig): readonly Role[] {
  const claim = claimOf(payload, roleClaim)
  const groups = Array.isArray(claim) ? claim.slice(0, maxGroups) : [claim]
  const known = groups.filter(
    (group): group is string => typeof group === 'string' && Object.hasOwn(roleOf, group)
  )
  return [...new Set(known.flatMap((group) => roleOf[group] ?? []))]
}

/**
 * Whom an ID token that was proved is about.
 *
 * @throws FlowledgerError `log-in-failed` where it names nobody, or nobody who may come in
 */
export function accountOf(payload: JWTPayload, config: OidcConfig): Account {
  const { sub: subject, iss: issuer } = payload
  if (subject === undefined || subject.length > 255 || issuer === undefined) {
    throw logInFailed('sub or iss missing')
  }
  const name = claimOf(payload, config.personClaim)
  if (typeof name !== 'string' || name.trim() === '' || name.length > 200) {
    throw logInFailed(`claim ${config.personClaim} missing`)
  }
  // What a token without a person is called must never be the name of one.
  if (/[\p{Cc}\p{Cs}]/u.test(name) || /^(token|cli):/.test(foldPerson(name))) {
    throw logInFailed(`claim ${config.personClaim} is no name`)
  }
  if (config.personClaim === 'email' && payload['email_verified'] === false) {
    throw logInFailed('email not verified')
  }
  const roles = rolesOf(payload, config)
  if (roles.length === 0) throw logInFailed('no role')
  return { issuer, subject, name: name.trim(), roles }
}
