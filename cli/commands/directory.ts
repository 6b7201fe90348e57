import { resolve } from 'node:path'
import { Argument } from 'commander'
import type { Command } from 'commander'
import type { Config } from '../../model/config.ts'
import { directoryName } from '../../model/directory-sources.ts'
import type { LoadedDirectoryConfig } from '../../model/directory-sources.ts'
import { exitCodes, FlowledgerError } from '../../model/errors.ts'
import { loadAloud, withConfigOptions, withExamples, withExit } from '../common-options.ts'
import { withRunAgain } from '../run-again.ts'
import type { CommonFlags } from '../config/layers.ts'
import { print, say, table } from '../output.ts'
import { outputOption } from '../output-option.ts'

type Access = import('../ledger-access.ts').LedgerAccess
type State = import('../../store/directory-record.ts').DirectoryState

interface LoadFlags extends CommonFlags {
  readonly source?: string
  readonly since?: string
  readonly force?: true
}

interface Wanted {
  readonly name: string
  readonly kind: 'csv' | 'sql'
  readonly origin: string
  read(): Promise<State>
}

/** Who is named by a directory, and who has looked, is part of the proof. */
async function record(access: Access, action: string, detail: Record<string, unknown>) {
  const { AuditWriter } = await import('../../store/audit.ts')
  const { actorOfCommand } = await import('../actor.ts')
  const audit = new AuditWriter(access.database('audit'), access.dataDir)
  await audit.appendAudit({ actor: actorOfCommand(), action, detail })
}

function readSince(text: string | undefined, nowUs: number): Promise<number | undefined> {
  if (text === undefined) return Promise.resolve(undefined)
  return import('../../model/time.ts').then(
    ({ parseInstant }) => parseInstant(text, { nowUs }).atUs
  )
}

const loadedAgain =
  'The same directory makes a version in which nothing is new and nothing ends. A load that was ' +
  'interrupted has changed nothing.'

/** What of a directory could not be taken, for people. */
function complaints({ refused, firstRefused, badKeys }: State): string[] {
  const parts = Object.entries(refused).map(([reason, count]) => `${count} ${reason}`)
  const rows =
    parts.length === 0 ? [] : [`Rows passed over: ${parts.join(', ')}; first row ${firstRefused}.`]
  return badKeys === 0 ? rows : [...rows, `Keys that are none of their type: ${badKeys}.`]
}

async function take(access: Access, wanted: Wanted, flags: LoadFlags): Promise<void> {
  const { loadDirectory } = await import('../../store/directory-writer.ts')
  const nowUs = Date.now() * 1000
  const sinceUs = await readSince(flags.since, nowUs)
  const state = await wanted.read()
  const { name, kind, origin } = wanted
  await record(access, 'directory-load', {
    directory: name,
    origin,
    records: state.records.length,
    since_us: sinceUs ?? null,
    force: flags.force === true,
  })
  const { showQueries } = await import('../progress.ts')
  const asked = { name, kind, origin, state, nowUs, sinceUs, force: flags.force }
  const done = await showQueries(access.database('directory'), (database) =>
    loadDirectory(database, asked)
  )
  for (const line of complaints(state)) say(line)
  const { version, records, added, ended } = done
  print(`${name}: version ${version}, ${records} records, ${added} new, ${ended} ended`)
}

function wantedOf(source: LoadedDirectoryConfig, path?: string): Wanted {
  const name = directoryName(source)
  if (source.kind === 'sql') {
    return {
      name,
      kind: 'sql',
      origin: new URL(source.url).host || 'a database',
      read: async () => {
        const { readSqlDirectory } = await import('../../store/directory-sql.ts')
        return await readSqlDirectory(source.url, source)
      },
    }
  }
  const file = path ?? source.path
  return { name, kind: 'csv', origin: file, read: () => readCsv(file, source) }
}

async function readCsv(
  file: string,
  given: { columns?: LoadedDirectoryConfig['columns']; delimiter: string }
): Promise<State> {
  const { readCsvDirectory } = await import('../../store/directory-csv.ts')
  return await readCsvDirectory(file, given)
}

/** The directory that a file is loaded as. */
function wantedFile(config: Config, file: string, name: string | undefined): Wanted {
  const path = resolve(file)
  const known = config.directory.filter((source) => source.kind === 'csv')
  const [only, ...others] = known
  const source =
    name === undefined && others.length === 0
      ? only
      : known.find((each) => directoryName(each) === (name ?? 'csv'))
  if (source !== undefined) return wantedOf(source, path)
  if (config.directory.some((each) => directoryName(each) === name)) {
    throw new FlowledgerError('usage', `The directory "${name}" is not one of CSV files.`, {
      fix: 'Give it another name.',
    })
  }
  const read = (): Promise<State> => readCsv(path, { delimiter: ',' })
  return { name: name ?? 'csv', kind: 'csv', origin: path, read }
}

async function withDirectory<T>(
  flags: CommonFlags,
  work: (access: Access, config: Config) => Promise<T>
): Promise<T> {
  const { config } = await loadAloud(flags)
  const { withLedger } = await import('../ledger-access.ts')
  return await withLedger(config, 'directory', (access) => work(access, config))
}

async function load(file: string, flags: LoadFlags): Promise<void> {
  await withDirectory(flags, (access, config) =>
    take(access, wantedFile(config, file, flags.source), flags)
  )
}

async function refresh(flags: LoadFlags): Promise<void> {
  await withDirectory(flags, async (access, { directory }) => {
    const all = directory.filter((source) => source.kind !== 'http')
    const wanted = all.filter(
      (source) => flags.source === undefined || directoryName(source) === flags.source
    )
    if (wanted.length === 0) {
      throw new FlowledgerError('usage', 'No such directory is configured that can be loaded.', {
        fix: 'Name CSV files or queries in the section directory of the configuration.',
      })
    }
    for (const source of wanted) await take(access, wantedOf(source), flags)
  })
}

type Output = CommonFlags & { output: string }

const instant = (us: number): string =>
  us === Infinity ? '-' : `${new Date(us / 1000).toISOString().slice(0, 19)}Z`

async function list(flags: Output): Promise<void> {
  const { listDirectories } = await import('../../store/directory-query.ts')
  const rows = await withDirectory(flags, async (access, { directory }) => [
    ...(await listDirectories(access.database('directory'))),
    ...directory
      .filter(({ kind }) => kind === 'http')
      .map((each) => ({ directory: directoryName(each), kind: 'http', loadedUs: NaN, records: 0 })),
  ])
  if (flags.output === 'json') {
    const items = rows.map(({ loadedUs, ...row }) => ({
      ...row,
      loaded: Number.isNaN(loadedUs) ? null : instant(loadedUs),
    }))
    print(JSON.stringify(items))
    return
  }
  const lines = rows.map(({ directory, kind, records, loadedUs }) => [
    directory,
    kind,
    kind === 'http' ? '-' : String(records),
    Number.isNaN(loadedUs) ? 'asked each time' : instant(loadedUs),
  ])
  print(table([['NAME', 'KIND', 'RECORDS', 'LOADED'], ...lines]))
}

async function versions(flags: Output): Promise<void> {
  const { listVersions } = await import('../../store/directory-query.ts')
  const rows = await withDirectory(flags, (access) => listVersions(access.database('directory')))
  if (flags.output === 'json') {
    print(
      JSON.stringify(rows.map(({ loadedUs, ...row }) => ({ ...row, loaded: instant(loadedUs) })))
    )
    return
  }
  const lines = rows.map((row) => [
    row.version,
    row.directory,
    instant(row.loadedUs),
    ...[row.records, row.added, row.ended, row.refused].map(String),
    row.origin,
  ])
  const head = ['VERSION', 'NAME', 'LOADED', 'RECORDS', 'NEW', 'ENDED', 'REFUSED', 'ORIGIN']
  print(table([head, ...lines]))
}

async function show(id: string, flags: Output): Promise<number> {
  const { showSubscriber } = await import('../../store/directory-query.ts')
  const rows = await withDirectory(flags, async (access) => {
    await record(access, 'directory-show', { subscriber: id })
    return await showSubscriber(access.database('directory'), id)
  })
  if (flags.output === 'json') {
    const items = rows.map(({ fromUs, toUs, ...row }) => ({
      ...row,
      from: instant(fromUs),
      to: toUs === Infinity ? null : instant(toUs),
    }))
    print(JSON.stringify(items))
  } else {
    for (const row of rows) {
      const until = row.toUs === Infinity ? 'now' : instant(row.toUs)
      const corrected = row.superseded ? ', corrected later' : ''
      print(
        `${row.directory}, version ${row.version}: ${instant(row.fromUs)} to ${until}${corrected}`
      )
      const facts = { name: row.name, contact: row.contact, ...row.attributes }
      for (const [name, text] of Object.entries(facts))
        if (text !== null) print(`  ${name}: ${text}`)
      if (row.shared) print('  shared by several people')
      for (const { type, value } of row.keys) print(`  ${type}: ${value}`)
    }
  }
  return rows.length === 0 ? exitCodes.noMatch : exitCodes.ok
}

function withLoadOptions(command: Command): Command {
  return withConfigOptions(command)
    .option('--since <time>', 'since when it is as it is (default: unknown between two loads)')
    .option('--force', 'take it even where more than half of the subscribers are gone')
}

export function addDirectory(program: Command): void {
  const command = program.command('directory').description('subscribers: load, list, show')
  const loading = withLoadOptions(command.command('load'))
    .description('take over a CSV file as a new version')
    .argument('<file>', 'its first row names the columns')
    .option('--source <name>', 'which directory it is (default: the one configured, or csv)')
    .action(withExit(load))
  const refreshing = withLoadOptions(command.command('refresh'))
    .description('take over what is configured: files and queries')
    .option('--source <name>', 'only this one')
    .action(withExit(refresh))
  for (const one of [loading, refreshing]) withRunAgain(one, loadedAgain)
  withConfigOptions(command.command('list'))
    .description('the directories')
    .addOption(outputOption('table', 'json'))
    .action(withExit(list))
  withConfigOptions(command.command('versions'))
    .description('what was loaded when')
    .addOption(outputOption('table', 'json'))
    .action(withExit(versions))
  withConfigOptions(command.command('show'))
    .description('all that was ever known of a subscriber; the audit has it')
    .addArgument(new Argument('<id>', "the provider's own number"))
    .addOption(outputOption('text', 'json'))
    .action(withExit(show))
  withExamples(command, [
    ['directory load subscribers.csv', 'columns id, name, user, mac, prefix, ...'],
    ['directory load subscribers.csv --since 2026-03-01T00:00:00Z', 'it is so since then'],
    ['directory refresh', 'for a timer, once a day'],
  ])
}
