import { hostname } from 'node:os'
import type { Command } from 'commander'
import type { IdentityFileKind } from '../../model/identity-sources.ts'
import { exitCodes } from '../../model/errors.ts'
import { loadAloud, withConfigOptions, withExamples, withExit } from '../common-options.ts'
import { withRunAgain } from '../run-again.ts'
import type { CommonFlags } from '../config/layers.ts'
import { print } from '../output.ts'
import { numberOption } from '../number-option.ts'
import { outputOption } from '../output-option.ts'

interface IdentityFlags extends CommonFlags {
  readonly source?: string
  readonly tz?: string
  readonly at?: string
  readonly year?: number
  readonly pattern?: readonly string[]
  readonly output: 'text' | 'json'
}

/** What of a kind differs on the command line. */
interface IdentityKind {
  readonly about: string
  /** Its times may lack a zone. */
  readonly zone?: true
  /** Its times may lack a year, or it tells only what is when it is written. */
  readonly written?: true
  readonly pattern?: true
  readonly examples: readonly (readonly [line: string, remark: string])[]
}

const kinds: Readonly<Record<IdentityFileKind, IdentityKind>> = {
  dhcpd: {
    about: 'dhcpd.leases and dhcpd6.leases of ISC DHCP',
    examples: [['import dhcpd /var/lib/dhcp/dhcpd.leases', 'every block of it is history']],
  },
  kea: {
    about: 'lease files of Kea: kea-leases4.csv, kea-leases6.csv, and those that it rotated',
    examples: [['import kea /var/lib/kea/kea-leases4.csv*', 'the clean-up keeps .1 and .2']],
  },
  'kea-legal': {
    about: "log of Kea's hook legal_log, in its default form",
    zone: true,
    examples: [['import kea-legal kea-legal.20260310.txt --tz Europe/Berlin', '']],
  },
  dnsmasq: {
    about: "dnsmasq.leases, dnsmasq's syslog, or lines of its dhcp-script",
    zone: true,
    written: true,
    examples: [
      ['import dnsmasq /var/log/syslog.1.gz --tz Europe/Berlin', ''],
      ['import dnsmasq dnsmasq.leases --at 2026-03-10T12:00:00Z', 'as of when it was copied'],
    ],
  },
  'radius-detail': {
    about: 'detail files of FreeRADIUS',
    zone: true,
    examples: [['import radius-detail /var/log/freeradius/radacct/*/detail-*', '']],
  },
  radacct: {
    about:
      "table radacct of FreeRADIUS' rlm_sql as CSV with a header; knows less than detail files",
    zone: true,
    examples: [
      ['import radacct radacct.csv', 'psql -c "\\copy radacct to radacct.csv csv header"'],
    ],
  },
  logins: {
    about: 'log-ins as a CSV table, or lines of a declared pattern',
    zone: true,
    written: true,
    pattern: true,
    examples: [
      ['import logins logins.csv', 'columns time, user, ip'],
      [
        'import logins portal.log --pattern "{time} {*} login {user} from {ip}" --tz UTC',
        'what differs stands in braces',
      ],
    ],
  },
  hostapd: {
    about: "hostapd's syslog: which device was where, and whose log-in it used",
    zone: true,
    written: true,
    examples: [['import hostapd ap1.log --tz Europe/Berlin', '']],
  },
}

async function importFiles(
  kind: IdentityFileKind,
  files: readonly string[],
  flags: IdentityFlags,
  signal: AbortSignal
): Promise<{ readonly interrupted: boolean }> {
  const { config } = await loadAloud(flags)
  const { parseInstant } = await import('../../model/time.ts')
  const { importIdentity } = await import('../import-identity.ts')
  const { withIdentityStore } = await import('../import-identity-store.ts')
  const { describeIdentityImport, identityImportJson } = await import('../import/identity-tally.ts')
  const { showProgress } = await import('../import/progress.ts')
  const { source = hostname(), tz, year, pattern: patterns, at, output } = flags
  const nowUs = Date.now() * 1000
  const atUs = at === undefined ? undefined : parseInstant(at, { tz, nowUs }).atUs
  const progress = showProgress(process.stderr)
  return await withIdentityStore(config, source, kind, async (sink) => {
    const options = { kind, tz, year, patterns, atUs, signal }
    const result = await importIdentity(files, options, sink, progress.report)
    progress.done()
    if (output === 'json') print(identityImportJson(result))
    else print(describeIdentityImport(result).join('\n'))
    return result
  })
}

function addKind(
  parent: Command,
  kind: IdentityFileKind,
  untilInterrupted: () => AbortSignal,
  interruptedCode: number
): void {
  const { about, zone, written, pattern, examples } = kinds[kind]
  const command = withConfigOptions(parent.command(kind))
    .description(about)
    .argument('<file...>', 'files, also gzip; - is standard input')
    .option('--source <name>', "where it was written (default: this host's name)")
    .addOption(outputOption('text', 'json'))
  if (zone) command.option('--tz <zone>', 'zone of times without one, such as Europe/Berlin')
  if (written) {
    command.option('--at <time>', 'when the files were written (default: as the file system says)')
    command.addOption(
      numberOption('--year <year>', 'year in which times without one begin', {
        from: 1990,
        to: 2099,
      })
    )
  }
  if (pattern) {
    command.option(
      '--pattern <text>',
      'form of a line, or csv:time=COLUMN,user=COLUMN,ip=COLUMN; may be given again',
      (text: string, before: readonly string[] | undefined) => [...(before ?? []), text]
    )
  }
  withRunAgain(
    command,
    'What a file says is known by its octets: the same one adds nothing, one that has grown adds ' +
      'what is new, and after a kill or Ctrl-C it goes on behind its last commit. What is said ' +
      'twice, by standard input too, is held once.'
  )
  withExamples(command, examples)
  command.action(
    withExit(async (files: readonly string[], flags: IdentityFlags) => {
      const { interrupted } = await importFiles(kind, files, flags, untilInterrupted())
      return interrupted && !files.includes('-') ? interruptedCode : exitCodes.ok
    })
  )
}

/**
 * Adds a command for each kind of file that tells who held an address.
 *
 * @param untilInterrupted gives the signal of the first Ctrl-C
 */
export function addIdentityImports(
  parent: Command,
  untilInterrupted: () => AbortSignal,
  interruptedCode: number
): void {
  for (const kind of Object.keys(kinds) as IdentityFileKind[]) {
    addKind(parent, kind, untilInterrupted, interruptedCode)
  }
}
