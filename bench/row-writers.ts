/** The two programs of bench/ulogd2.ts: how each is started and where its rows are. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { connect } from '../store/connect.ts'
import { embeddedUrl } from '../store/database-url.ts'
import { embeddedDatabase } from '../store/embedded.ts'
import type { EmbeddedServer } from '../store/embedded.ts'

export interface RowWriter {
  readonly name: string
  readonly database: string
  /** Prepares what it needs and gives its command line. `dataDir` is the server's own. */
  prepare(server: EmbeddedServer, dataDir: string): Promise<string[]>
  /** SQL: how many rows there are (column n). */
  readonly countSql: string
  /** SQL: bytes of table and indexes (column bytes). */
  readonly bytesSql: string
  readonly vacuumSql: string
}

const pluginFolder = '/usr/lib/x86_64-linux-gnu/ulogd'
const schemaFile = '/usr/share/doc/ulogd2/pgsql-ulogd2.sql.gz'

/**
 * One row for each connection, written at its end: what ulogd2 does best with (with its hash it
 * would keep flows in memory itself, and write as many rows). A buffer that is not below its
 * greatest size would not be set at all, and be as small as it gets (version 2.0.8).
 */
function ulogdConfig(server: EmbeddedServer, dataDir: string): string {
  const plugins = ['inpflow_NFCT', 'filter_IP2STR', 'output_PGSQL']
  return `[global]
logfile="${dataDir}/ulogd.log"
loglevel=5
${plugins.map((name) => `plugin="${pluginFolder}/ulogd_${name}.so"`).join('\n')}
stack=ct1:NFCT,ip2str1:IP2STR,pgsql1:PGSQL
[ct1]
hash_enable=0
event_mask=0x00000004
netlink_socket_buffer_size=67108864
netlink_socket_buffer_maxsize=134217728
[pgsql1]
db="ulogd2"
host="${server.socketDir}"
port="${server.port}"
user="flowledger_owner"
pass="${server.credentials.owner}"
table="ulog2_ct"
procedure="INSERT_CT"
`
}

async function prepareUlogd(
  server: EmbeddedServer,
  dataDir: string,
  synchronousCommit: 'on' | 'off'
): Promise<string[]> {
  const first = await connect(embeddedUrl(server, 'owner', 'postgres'))
  await first.query('create database ulogd2')
  await first.query(`alter database ulogd2 set synchronous_commit = ${synchronousCommit}`)
  await first.end()
  const client = await connect(embeddedUrl(server, 'owner', 'ulogd2'))
  const schema = gunzipSync(readFileSync(schemaFile)).toString('utf8')
  // PostgreSQL 12 dropped OIDs and with them the clause; the rest is as ulogd2 ships it.
  await client.query(schema.replaceAll('WITH (OIDS=FALSE)', ''))
  await client.end()
  const file = join(dataDir, 'ulogd.conf')
  writeFileSync(file, ulogdConfig(server, dataDir), { mode: 0o600 })
  return ['ulogd', '-c', file]
}

const ulogd2: RowWriter = {
  name: 'ulogd2',
  database: 'ulogd2',
  prepare: (server, dataDir) => prepareUlogd(server, dataDir, 'on'),
  countSql: 'select count(*) as n from ulog2_ct',
  bytesSql: `select pg_table_size('ulog2_ct') + pg_indexes_size('ulog2_ct') as bytes`,
  vacuumSql: 'vacuum ulog2_ct',
}

/** It commits each row by itself: without waiting for the disk it is faster, and may lose rows. */
export const ulogd2Unsafe: RowWriter = {
  ...ulogd2,
  name: 'ulogd2, synchronous_commit off',
  prepare: (server, dataDir) => prepareUlogd(server, dataDir, 'off'),
}

const entry = fileURLToPath(new URL('../bin/flowledger.js', import.meta.url))

/**
 * Uses the server that runs in its data directory already, so both stand on the same PostgreSQL.
 */
const flowledger: RowWriter = {
  name: 'flowledger',
  database: embeddedDatabase,
  prepare(_, dataDir) {
    const file = join(dataDir, 'config.yaml')
    writeFileSync(file, `data_dir: ${JSON.stringify(dataDir)}\n`)
    return Promise.resolve([process.execPath, entry, 'collect', '--config', file])
  },
  countSql: 'select count(*) as n from ledger.flow',
  bytesSql: `select sum(pg_table_size(relid) + pg_indexes_size(relid)) as bytes
    from pg_partition_tree('ledger.flow') where isleaf`,
  vacuumSql: 'vacuum ledger.flow',
}

export const rowWriters: readonly RowWriter[] = [flowledger, ulogd2, ulogd2Unsafe]
