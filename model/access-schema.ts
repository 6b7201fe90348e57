import { z } from 'zod'
import type { AccessRules } from './access-rules.ts'
import { durationBetween } from './duration-schema.ts'
import { parseDuration } from './quantity.ts'
import { approvalActs, roles } from './rights.ts'
import type { Role } from './rights.ts'

/** The sections `access` and `api.oidc` of the configuration, see config-schema.ts. */

const duration = (least: string, most: string, otherwise: string) =>
  durationBetween(least, most).prefault(otherwise)

const yesOrNo = () => z.boolean({ error: 'must be true or false' }).prefault(false)

/** `access`: what it takes to be told something. */
export const accessSchema = z.strictObject({
  separate_duties: yesOrNo().describe(
    'The administrator keeps the rights manage and reports only.'
  ),
  second_person: z
    .array(z.enum(approvalActs), { error: `must be a list of ${approvalActs.join(', ')}` })
    .prefault([])
    .describe(`Acts that need the approval of another person: ${approvalActs.join(', ')}.`),
  require: z
    .array(z.enum(['case', 'purpose']), { error: 'must be a list of case, purpose' })
    .prefault([])
    .describe('What a question has to name: case, purpose.'),
  approval_valid: duration('1m', '30d', '24h').describe('How long an approval holds.'),
  approval_uses: z
    .number({ error: 'must be a number from 1 to 100' })
    .int()
    .min(1)
    .max(100)
    .prefault(1)
    .describe('How often an approval may be used while it holds.'),
  emergency: yesOrNo().describe('Whether who has the right may override the second person.'),
  emergency_valid: duration('1m', '24h', '1h').describe('How long an override holds.'),
})

/** Plain HTTP carries secrets in the open: it is for this machine alone. */
const isSafeUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  if (protocol === 'https:') return true
  return protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)
}

const safeUrl = () => {
  const error = 'must be a URL with https (http for this machine alone)'
  return z.string({ error }).refine(isSafeUrl, { error })
}

/** `api.oidc`: log-in of people at an OpenID provider. */
export const oidcSchema = z.strictObject({
  issuer: safeUrl().describe("The provider's issuer, exactly as its tokens name it."),
  client_id: z.string().min(1).max(200).describe('What we are called at the provider.'),
  client_secret_file: z
    .string()
    .startsWith('/', { error: 'must be an absolute path' })
    .optional()
    .describe('File with our secret at the provider; left out: a public client, PKCE alone.'),
  redirect_url: safeUrl()
    .refine((text) => text.endsWith('/auth/callback'), { error: 'must end in /auth/callback' })
    .describe('Where people come back to: this API as browsers reach it, and /auth/callback.'),
  scopes: z
    .array(z.string().regex(/^[\w.:/-]{1,100}$/))
    .prefault(['openid', 'email', 'profile'])
    .describe('What is asked of the provider.'),
  person_claim: z
    .string()
    .min(1)
    .max(100)
    .prefault('email')
    .describe("The claim that names the person, as tokens' --person does."),
  roles: z
    .strictObject({
      claim: z.string().min(1).max(100).prefault('groups').describe('The claim with the groups.'),
      map: z
        .record(z.string().max(200), z.enum(roles as [Role]))
        .describe('Which group has which role; who is in none of them does not get in.'),
    })
    .describe('Who may do what.'),
  session_idle: duration('1m', '24h', '30m').describe(
    'A log-in ends when it was not used so long.'
  ),
  session_valid: duration('5m', '7d', '12h').describe('A log-in ends after this in any case.'),
})

/** Log-in of people, as the program uses it. Durations in microseconds. */
export interface OidcConfig {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecretFile?: string
  readonly redirectUrl: string
  readonly scopes: readonly string[]
  readonly personClaim: string
  readonly roleClaim: string
  /** Group -> role. */
  readonly roleOf: Readonly<Record<string, Role>>
  readonly sessionIdleUs: number
  readonly sessionUs: number
}

const us = (text: string): number => parseDuration(text) ?? 0

/** The rules that the section says. */
export function accessRulesOf(file: z.output<typeof accessSchema>): AccessRules {
  return {
    separateDuties: file.separate_duties,
    secondPerson: file.second_person,
    require: file.require,
    approvalUs: us(file.approval_valid),
    approvalUses: file.approval_uses,
    emergency: file.emergency,
    emergencyUs: us(file.emergency_valid),
  }
}

/** The log-in that the section says. */
export function oidcConfigOf(file: z.output<typeof oidcSchema>): OidcConfig {
  const { client_secret_file: clientSecretFile } = file
  return {
    issuer: file.issuer,
    clientId: file.client_id,
    ...(clientSecretFile === undefined ? {} : { clientSecretFile }),
    redirectUrl: file.redirect_url,
    scopes: file.scopes,
    personClaim: file.person_claim,
    roleClaim: file.roles.claim,
    roleOf: file.roles.map,
    sessionIdleUs: us(file.session_idle),
    sessionUs: us(file.session_valid),
  }
}
