import type pg from 'pg'
import { FlowledgerError } from '../model/errors.ts'
import type { Credentials } from './credentials.ts'
import { loginNames, roleOf } from './logins.ts'
import type { Login } from './logins.ts'

/** Log-ins that the owner makes; it cannot make itself. */
const made = loginNames.filter((login): login is Exclude<Login, 'owner'> => login !== 'owner')

/**
 * What each log-in may do, and nothing else. The collector cannot read a flow, the look-up cannot
 * change one, and nobody but the owner can change or remove an audit entry.
 */
const grants: Readonly<Record<Exclude<Login, 'owner'>, readonly string[]>> = {
  collector: [
    'usage on schema ledger',
    'insert on ledger.flow, ledger.gap, ledger.port_block, ledger.nat_event',
    'select, insert, update (valid_to) on ledger.deterministic_map',
    'select, insert, update on ledger.source, ledger.cursor',
    'execute on function ledger.ensure_partition(timestamptz)',
    'execute on function ledger.ensure_block_partition(timestamptz)',
    'usage on schema rollup',
    // Sums are added to, and what is past its time is removed.
    'select, insert, update, delete on all tables in schema rollup',
  ],
  lookup: [
    'usage on schema ledger',
    'select on ledger.flow, ledger.flows, ledger.source, ledger.gap',
    'select on ledger.sealed_file, ledger.archive_version',
    'select on ledger.held, ledger.retention_edge',
    'select on ledger.port_block, ledger.port_blocks, ledger.nat_event, ledger.deterministic_map',
    'execute on function ledger.address(bytea)',
    'execute on function ledger.public_address(bigint, bytea)',
    'execute on function ledger.word(bytea, integer)',
    'usage on schema rollup, reports',
    'select on all tables in schema rollup, reports',
  ],
  identity: [
    'usage on schema identity',
    'select, insert, update on identity.source, identity.cursor, identity.holding',
    'select, insert on identity.gap, identity.restart, identity.prefix_length',
    'usage on sequence identity.holding_id',
    'select on identity.holdings',
  ],
  directory: [
    'usage on schema directory',
    'select, insert on directory.version',
    'select, insert, update on directory.source, directory.subscriber, directory.key',
  ],
  audit: [
    'usage on schema audit, access',
    'select, insert on audit.entry',
    'select, insert, update on access.token, access.person',
    'select, insert, update, delete on access.session, access.token_session',
    // What was wished for by whom stays as it was: only what others make of it changes.
    'select, insert on access.approval',
    `update (state, decider, decided_by, decided_at, note, valid_until, uses_left, acknowledged_by,
       acknowledged_at) on access.approval`,
    'usage on schema cases, retention',
    'select on retention.proof',
    'usage on sequence cases.reference',
    // The history is added to, and holds are released; what was entered stays as it was.
    'select, insert on cases.entry',
    'select, insert, update (status, version, changed_at) on cases.case_file',
    'select, insert, update (met_at, met_by) on cases.deadline',
    'select, insert, update (released_at, released_by, release_reason) on cases.hold',
    'usage on schema ledger',
    'execute on function ledger.keep_held(bigint, timestamptz, timestamptz)',
  ],
}

/**
 * The role of dashboards: it reads the views of `reports` and nothing else, so no inside host and
 * no flow. Nobody logs in as it; a log-in of Grafana's is made a member (how-to/grafana.md).
 */
const reportsRole = 'flowledger_reports'

async function existingRoles(client: pg.ClientBase): Promise<Set<string>> {
  const names = [...made.map(roleOf), reportsRole]
  const query = 'select rolname from pg_roles where rolname = any($1)'
  const { rows } = await client.query<{ rolname: string }>(query, [names])
  return new Set(rows.map((row) => row.rolname))
}

async function mayCreateRoles(client: pg.ClientBase): Promise<boolean> {
  const query = 'select rolcreaterole or rolsuper as may from pg_roles where rolname = current_user'
  const { rows } = await client.query<{ may: boolean }>(query)
  return rows[0]?.may === true
}

/** SQLSTATE of a role that another migrator made in the meantime. */
const duplicateCodes = new Set(['42710', '23505'])

async function createRole(
  client: pg.ClientBase,
  role: string,
  login: 'login' | 'nologin'
): Promise<void> {
  try {
    await client.query(`create role ${role} ${login}`)
  } catch (error) {
    if (!duplicateCodes.has((error as { code?: string }).code ?? '')) throw error
  }
}

/**
 * Makes the log-ins that are missing. With `credentials` (the embedded server) they get those
 * passwords; on another server they have none, so nobody can log in until its administrator sets
 * one.
 *
 * @returns what to tell the administrator: log-ins that the owner may not make
 */
export async function ensureRoles(
  client: pg.ClientBase,
  credentials?: Credentials
): Promise<readonly string[]> {
  const existing = await existingRoles(client)
  const missing = made.filter((login) => !existing.has(roleOf(login)))
  if (missing.length > 0 && !(await mayCreateRoles(client))) {
    const statements = missing.map((login) => `create role ${roleOf(login)} login password '...';`)
    return [
      'The owner may not create roles, so everything runs with its own rights. To keep the ' +
        `stores apart, run as a superuser and migrate again: ${statements.join(' ')}`,
    ]
  }
  for (const login of missing) await createRole(client, roleOf(login), 'login')
  // Where it may not be made, there are no dashboards and all else works.
  if (!existing.has(reportsRole) && (await mayCreateRoles(client))) {
    await createRole(client, reportsRole, 'nologin')
  }
  if (credentials === undefined) return []
  for (const login of made) {
    const password = await client.query<{ literal: string }>(
      'select quote_literal($1) as literal',
      [credentials[login]]
    )
    await client.query(`alter role ${roleOf(login)} password ${password.rows[0]?.literal}`)
  }
  return []
}

/**
 * Grants what each existing log-in needs. Runs after every migration, not in one, so that a log-in
 * made later gets its rights by migrating again.
 *
 * Beside a collector: its first partition changes the catalogue's row of `ledger.flow`, and so does
 * a grant, which fails where both do at once. The lock is the one that partitions are made under.
 */
export async function applyGrants(client: pg.ClientBase): Promise<void> {
  await client.query('begin')
  await client.query(`select pg_advisory_xact_lock(hashtext('flowledger.ensure_partition'))`)
  await grantAll(client)
  await client.query('commit')
}

async function grantAll(client: pg.ClientBase): Promise<void> {
  const existing = await existingRoles(client)
  const name = await client.query<{ name: string }>('select quote_ident(current_database()) name')
  const database = name.rows[0]?.name
  if (database === undefined) {
    throw new FlowledgerError('database-failed', 'The database does not say its name.')
  }
  for (const login of made) {
    const role = roleOf(login)
    if (!existing.has(role)) continue
    const common = [
      `connect on database ${database}`,
      'usage on schema flowledger',
      'select on flowledger.migration',
    ]
    for (const grant of [...common, ...grants[login]]) {
      await client.query(`grant ${grant} to ${role}`)
    }
  }
  if (!existing.has(reportsRole)) return
  await client.query(`grant connect on database ${database} to ${reportsRole}`)
  await client.query(`grant usage on schema reports to ${reportsRole}`)
  await client.query(`grant select on all tables in schema reports to ${reportsRole}`)
}
