/** A command of a page that no test types, and why. */
export interface NotRun {
  readonly page: string
  readonly command: string
  readonly why: string
}

/** All that stands in a page and would need another machine than a gateway of namespaces. */
const places: readonly (readonly [page: string, why: string, ...commands: string[]])[] = [
  [
    'docs/how-to/citus.md',
    'it takes three servers with Citus',
    'createuser --createrole --superuser flowledger_owner',
    'createdb --owner flowledger_owner flowledger',
    "psql -d flowledger -c 'create extension citus'",
    `psql -d flowledger -c "select citus_set_coordinator_host('db0', 5432)"`,
    `psql -d flowledger -c "select citus_add_node('db1', 5432)" -c "select citus_add_node('db2', 5432)"`,
    "psql -d flowledger -c 'select * from citus_get_active_worker_nodes()'",
    'flowledger migrate --distributed --database postgres://flowledger_owner:…@db0/flowledger',
  ],
  [
    'docs/how-to/export.md',
    'Debian 12 has no flow-tools',
    'flowledger export --format flow-tools --from -1d --to now | flow-import -f2 -m0xFF31EF > flows',
  ],
]

export const notRun: readonly NotRun[] = places.flatMap(([page, why, ...commands]) =>
  commands.map((command) => ({ page, command, why }))
)
