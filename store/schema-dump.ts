import type pg from 'pg'

/** The schemas that belong to flowledger, in the order of the dump. */
const schemas = [
  'flowledger',
  'ledger',
  'identity',
  'directory',
  'audit',
  'access',
  'rollup',
  'reports',
] as const

/** Hourly partitions come and go; they are all like their parent. */
const notPartition = "not (c.relispartition and c.relkind in ('r', 'i'))"

/**
 * Each query gives statements as text, in an order that depends on names alone, so that two
 * databases with the same tables give the same text.
 */
const sections: readonly { readonly title: string; readonly query: string }[] = [
  {
    title: 'Schemas',
    query: `
      select 'create schema ' || quote_ident(nspname) || ';' as line
      from pg_namespace where nspname = any($1) order by array_position($1, nspname::text)`,
  },
  {
    title: 'Tables',
    query: `
      select format(E'create table %s (\\n%s\\n)%s;', c.oid::regclass,
        string_agg(format('  %I %s', a.attname, format_type(a.atttypid, a.atttypmod))
          || case when a.attnotnull then ' not null' else '' end
          || case a.attidentity when 'a' then ' generated always as identity' else '' end
          || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), ''),
          E',\\n' order by a.attnum),
        coalesce(' partition by ' || pg_get_partkeydef(c.oid), '')) as line
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
      where n.nspname = any($1) and c.relkind in ('r', 'p') and ${notPartition}
      group by c.oid, n.nspname, c.relname order by array_position($1, n.nspname::text), c.relname`,
  },
  {
    // A not-null constraint has a row of its own since PostgreSQL 18, and stands with its column.
    title: 'Constraints',
    query: `
      select format('alter table %s add constraint %I %s;', c.oid::regclass, k.conname,
        pg_get_constraintdef(k.oid)) as line
      from pg_constraint k join pg_class c on c.oid = k.conrelid
      join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = any($1) and k.contype <> 'n' and ${notPartition}
      order by array_position($1, n.nspname::text), c.relname, k.conname`,
  },
  {
    title: 'Indexes',
    query: `
      select pg_get_indexdef(c.oid) || ';' as line
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = any($1) and c.relkind in ('i', 'I') and ${notPartition}
        and not exists (select from pg_constraint k where k.conindid = c.oid)
      order by array_position($1, n.nspname::text), c.relname`,
  },
  {
    title: 'Functions',
    query: `
      select trim(trailing E'\\n' from pg_get_functiondef(p.oid)) || ';' as line
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname = any($1)
      order by array_position($1, n.nspname::text), p.proname`,
  },
  {
    title: 'Views',
    query: `
      select format(E'create view %s as\\n%s', c.oid::regclass, pg_get_viewdef(c.oid)) as line
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = any($1) and c.relkind = 'v'
      order by array_position($1, n.nspname::text), c.relname`,
  },
  {
    title: 'Grants',
    query: `
      select format('grant %s on %s to %s;',
        string_agg(lower(privilege), ', ' order by privilege), object, grantee) as line
      from (
        select 'schema ' || nspname as object, a.privilege_type as privilege,
          pg_get_userbyid(a.grantee) as grantee
        from pg_namespace, aclexplode(nspacl) a where nspname = any($1) and a.grantee <> nspowner
        union all
        select c.oid::regclass::text, a.privilege_type, pg_get_userbyid(a.grantee)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(relacl) a
        where nspname = any($1) and a.grantee <> relowner
        union all
        select 'function ' || p.oid::regprocedure, a.privilege_type,
          case a.grantee when 0 then 'public' else pg_get_userbyid(a.grantee) end
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace, aclexplode(proacl) a
        where nspname = any($1) and a.grantee <> proowner
      ) as granted group by object, grantee order by object, grantee`,
  },
]

/**
 * The tables, functions, views and grants of a database as text: what a migration changes shows in
 * review as a change of migrations/schema.sql.
 */
export async function dumpSchema(client: pg.ClientBase): Promise<string> {
  const parts = ['-- The schema after the last migration, written by a test; see schema.test.ts.\n']
  for (const { title, query } of sections) {
    const { rows } = await client.query<{ line: string }>(query, [schemas])
    parts.push(`-- ${title}\n\n${rows.map((row) => row.line).join('\n')}\n`)
  }
  return parts.join('\n')
}
