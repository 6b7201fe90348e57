import { Argument, Option } from 'commander'
import type { Command } from 'commander'
import { exitCodes, FlowledgerError } from '../../model/errors.ts'
import type { RateLimit } from '../../model/principal.ts'
import { parseRate, rateForm } from '../../model/rate.ts'
import { parseRole, rights, roles } from '../../model/rights.ts'
import type { Right, Role } from '../../model/rights.ts'
import { actorOfCommand } from '../actor.ts'
import { loadAloud, withConfigOptions, withExamples, withExit } from '../common-options.ts'
import type { CommonFlags } from '../config/layers.ts'
import { durationOption } from '../duration-option.ts'
import { print, say, table } from '../output.ts'
import { outputOption } from '../output-option.ts'

type Access = import('../ledger-access.ts').LedgerAccess

/** The tokens are the audit log-in's, and so is the record of who changed them. */
async function withTokens<T>(flags: CommonFlags, work: (access: Access) => Promise<T>): Promise<T> {
  const { config } = await loadAloud(flags)
  const { withLedger } = await import('../ledger-access.ts')
  return await withLedger(config, 'audit', work)
}

/** Who may ask is part of the proof: a change of it is in the audit before it takes effect. */
async function record(access: Access, action: string, detail: Record<string, unknown>) {
  const { AuditWriter } = await import('../../store/audit.ts')
  const audit = new AuditWriter(access.database('audit'), access.dataDir)
  await audit.appendAudit({ actor: actorOfCommand(), action, detail })
}

function readRole(text: string): Role {
  const role = parseRole(text)
  if (role !== undefined) return role
  throw new FlowledgerError('usage', `"${text.slice(0, 50)}" is not a role.`, {
    fix: `Choose one of ${roles.join(', ')}.`,
  })
}

function readRights(text: string, before: readonly Right[] | undefined): readonly Right[] {
  const right = rights.find((one) => one === text)
  if (right !== undefined) return [...(before ?? []), right]
  throw new FlowledgerError('usage', `"${text.slice(0, 50)}" is not a right.`, {
    fix: `Choose of ${rights.join(', ')}.`,
  })
}

function readLimit(text: string): RateLimit {
  const limit = parseRate(text)
  if (limit !== undefined) return limit
  throw new FlowledgerError('usage', `"${text.slice(0, 50)}" ${rateForm}.`)
}

interface CreateFlags extends CommonFlags {
  readonly role: Role
  readonly expires?: number
  readonly person?: string
  readonly rights?: readonly Right[]
  readonly prefix?: readonly string[]
  readonly limit?: RateLimit
}

async function create(name: string, flags: CreateFlags): Promise<void> {
  const { role, person, rights: only, prefix: prefixes, limit } = flags
  const expiresUs = flags.expires === undefined ? undefined : Date.now() * 1000 + flags.expires
  await withTokens(flags, async (access) => {
    const { createToken } = await import('../../store/tokens.ts')
    const { formatRate } = await import('../../model/rate.ts')
    const rate = limit === undefined ? undefined : formatRate(limit)
    const detail = { name, role, person, rights: only, prefixes, limit: rate }
    await record(access, 'token-create', { ...detail, expires_us: expiresUs ?? null })
    const createdBy = actorOfCommand()
    const wanted = { name, role, person, rights: only, prefixes, limit, expiresUs, createdBy }
    print(await createToken(access.database('audit'), wanted))
  })
  say('This is the only time it is shown: only its hash is kept.')
}

async function list(flags: CommonFlags & { output: string }): Promise<void> {
  const { listTokens } = await import('../../store/tokens.ts')
  const { tokenJson } = await import('../../lookup-api/routes/tokens.ts')
  const tokens = await withTokens(flags, (access) => listTokens(access.database('audit')))
  const rows = tokens.map(tokenJson)
  if (flags.output === 'json') {
    print(JSON.stringify(rows))
    return
  }
  const lines = rows.map((row) => [
    row.name,
    row.role,
    row.person ?? '-',
    [row.rights?.join(' '), row.prefixes?.join(' '), row.limit].filter(Boolean).join('; ') || '-',
    row.created,
    row.expires ?? '-',
    row.revoked ?? '-',
  ])
  const head = ['NAME', 'ROLE', 'PERSON', 'ONLY', 'CREATED', 'EXPIRES', 'REVOKED']
  print(table([head, ...lines]))
}

async function rotate(name: string, flags: CommonFlags): Promise<void> {
  await withTokens(flags, async (access) => {
    const { rotateToken } = await import('../../store/tokens.ts')
    await record(access, 'token-rotate', { name })
    const token = await rotateToken(access.database('audit'), name)
    if (token === undefined) throw noToken(name)
    print(token)
  })
  say('The one before it has ended. This is the only time it is shown.')
}

const noToken = (name: string): FlowledgerError =>
  new FlowledgerError('token-invalid', `No token "${name}" is in force.`, {
    fix: '"flowledger token list" shows them.',
  })

async function revoke(name: string, flags: CommonFlags): Promise<number> {
  return await withTokens(flags, async (access) => {
    const { revokeToken } = await import('../../store/tokens.ts')
    await record(access, 'token-revoke', { name })
    if (await revokeToken(access.database('audit'), name)) {
      say(`${name} is revoked, from the next request on.`)
      return exitCodes.ok
    }
    throw noToken(name)
  })
}

export function addToken(program: Command): void {
  const command = program
    .command('token')
    .description('who may ask the API: make, list, rotate, revoke')
  const nameArgument = new Argument('<name>', 'whose it is, as the audit shall name them')
  withConfigOptions(command.command('create'))
    .description('make a token and print it')
    .addArgument(nameArgument)
    .addOption(
      new Option('--role <role>', 'what it may do')
        .choices(roles)
        .argParser(readRole)
        .default('api-client')
    )
    .option('--person <name>', 'the human who holds it, as their log-in names them')
    .addOption(
      new Option(
        '--rights <rights...>',
        'these of the rights of the role (default: all)'
      ).argParser(readRights)
    )
    .option('--prefix <prefix...>', 'addresses that may be asked for (default: all)')
    .addOption(
      new Option('--limit <rate>', 'most requests, such as 100/h (default: none)').argParser(
        readLimit
      )
    )
    .addOption(durationOption('--expires <duration>', 'when it ends, such as 90d (default: never)'))
    .action(withExit(create))
  withConfigOptions(command.command('list'))
    .description('names, roles and times; never the tokens themselves')
    .addOption(outputOption('table', 'json'))
    .action(withExit(list))
  withConfigOptions(command.command('rotate'))
    .description('give a token a new secret and print it; the old one ends')
    .addArgument(nameArgument)
    .action(withExit(rotate))
  withConfigOptions(command.command('revoke'))
    .description('end a token')
    .addArgument(nameArgument)
    .action(withExit(revoke))
  withExamples(command, [
    ['token create portal --prefix 192.0.2.0/24 --limit 100/h --expires 90d', 'for a program'],
    ['token create eva --role abuse-desk --person eva@example.org', 'for somebody at the desk'],
    ['token create data-protection --role auditor', 'may read coverage and the audit'],
    ['token revoke portal', 'ends it, from the next request on'],
  ])
}
