import { Argument, Option } from 'commander'
import type { Command } from 'commander'
import { exitCodes, FlowledgerError } from '../../model/errors.ts'
import { parseRole, roles } from '../../model/rights.ts'
import type { Role } from '../../model/rights.ts'
import { parseDuration } from '../../model/quantity.ts'
import { loadAloud, withConfigOptions, withExamples, withExit } from '../common-options.ts'
import type { CommonFlags } from '../config/layers.ts'
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
  const { actorOfCommand } = await import('../actor.ts')
  const audit = new AuditWriter(access.database('audit'), access.dataDir)
  await audit.appendAudit({ actor: actorOfCommand(), action, detail })
}

function readExpiry(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const us = parseDuration(text)
  if (us !== undefined && us > 0) return Date.now() * 1000 + us
  throw new FlowledgerError('usage', `"${text.slice(0, 20)}" is not a duration.`, {
    fix: 'Write it like 12h or 90d.',
  })
}

function readRole(text: string): Role {
  const role = parseRole(text)
  if (role !== undefined) return role
  throw new FlowledgerError('usage', `"${text.slice(0, 50)}" is not a role.`, {
    fix: `Choose one of ${roles.join(', ')}.`,
  })
}

async function create(name: string, flags: CommonFlags & { role: Role; expires?: string }) {
  const expiresUs = readExpiry(flags.expires)
  await withTokens(flags, async (access) => {
    const { createToken } = await import('../../store/tokens.ts')
    const { role } = flags
    await record(access, 'token-create', { name, role, expires_us: expiresUs ?? null })
    print(await createToken(access.database('audit'), { name, role, expiresUs }))
  })
  say('This is the only time it is shown: only its hash is kept.')
}

async function list(flags: CommonFlags & { output: string }): Promise<void> {
  const { listTokens } = await import('../../store/tokens.ts')
  const { formatInstant } = await import('../../model/time.ts')
  const time = (us: number | undefined): string => (us === undefined ? '-' : formatInstant(us))
  const tokens = await withTokens(flags, (access) => listTokens(access.database('audit')))
  if (flags.output === 'json') {
    const rows = tokens.map(({ name, role, createdUs, expiresUs, revokedUs }) => ({
      name,
      role,
      created: formatInstant(createdUs),
      expires: expiresUs === undefined ? null : formatInstant(expiresUs),
      revoked: revokedUs === undefined ? null : formatInstant(revokedUs),
    }))
    print(JSON.stringify(rows))
    return
  }
  const rows = tokens.map(({ name, role, createdUs, expiresUs, revokedUs }) => [
    name,
    role,
    time(createdUs),
    time(expiresUs),
    time(revokedUs),
  ])
  print(table([['NAME', 'ROLE', 'CREATED', 'EXPIRES', 'REVOKED'], ...rows]))
}

async function revoke(name: string, flags: CommonFlags): Promise<number> {
  return await withTokens(flags, async (access) => {
    const { revokeToken } = await import('../../store/tokens.ts')
    await record(access, 'token-revoke', { name })
    if (await revokeToken(access.database('audit'), name)) {
      say(`${name} is revoked, from the next request on.`)
      return exitCodes.ok
    }
    throw new FlowledgerError('token-invalid', `No token "${name}" is in force.`, {
      fix: '"flowledger token list" shows them.',
    })
  })
}

export function addToken(program: Command): void {
  const command = program.command('token').description('who may ask the API: make, list, revoke')
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
    .option('--expires <duration>', 'when it ends, such as 90d (default: never)')
    .action(withExit(create))
  withConfigOptions(command.command('list'))
    .description('names, roles and times; never the tokens themselves')
    .addOption(outputOption('table', 'json'))
    .action(withExit(list))
  withConfigOptions(command.command('revoke'))
    .description('end a token')
    .addArgument(nameArgument)
    .action(withExit(revoke))
  withExamples(command, [
    ['token create abuse-desk --expires 90d', 'may ask look-ups, for 90 days'],
    ['token create data-protection --role auditor', 'may read coverage and the audit'],
    ['token revoke abuse-desk', 'ends it, from the next request on'],
  ])
}
