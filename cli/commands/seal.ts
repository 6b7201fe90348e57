import type { Command } from 'commander'
import { parseInstant } from '../../model/time.ts'
import { loadAloud, withConfigOptions, withExamples, withExit } from '../common-options.ts'
import { withRunAgain } from '../run-again.ts'
import type { CommonFlags } from '../config/layers.ts'
import { durationOption } from '../duration-option.ts'
import { print, say } from '../output.ts'
import { outputOption } from '../output-option.ts'

interface SealFlags extends CommonFlags {
  readonly olderThan: number
  readonly hour?: string
  readonly tz?: string
  readonly output: string
}

type SealedHour = import('../../store/archive/seal-hour.ts').SealedHour

const hourText = (us: number): string => `${new Date(us / 1000).toISOString().slice(0, 13)}Z`

function lineOf({ hourUs, rows, octets, paths }: SealedHour, isJson: boolean): string {
  const hour = hourText(hourUs)
  if (isJson) return JSON.stringify({ hour, rows, octets, paths })
  const [first] = paths
  if (first === undefined) return `${hour}  no records; its partition is gone`
  const files = paths.length === 1 ? first : `${first} and ${paths.length - 1} more`
  return `${hour}  ${rows} records, ${(octets / rows).toFixed(1)} bytes each  ${files}`
}

async function seal(flags: SealFlags): Promise<void> {
  const { config } = await loadAloud(flags)
  const nowUs = Date.now() * 1000
  const zone = flags.tz === undefined ? {} : { tz: flags.tz }
  const hour =
    flags.hour === undefined ? {} : { hourUs: parseInstant(flags.hour, { nowUs, ...zone }).atUs }
  const { withLedger } = await import('../ledger-access.ts')
  const { sealHours } = await import('../../store/archive/seal.ts')
  const { asideText } = await import('../../store/archive/aside.ts')
  const { actorOfCommand } = await import('../actor.ts')
  const { commandProgress } = await import('../progress.ts')
  const progress = commandProgress('records')
  let [before, expected] = [0, 0]
  const sealed = await withLedger(config, 'owner', (access) =>
    sealHours({
      ownerUrl: access.database('owner').url,
      dataDir: access.dataDir,
      directory: config.archive.directory,
      actor: actorOfCommand(),
      nowUs,
      olderThanUs: flags.olderThan,
      ...hour,
      onAside: (path) => say(asideText(path)),
      onExpected: (rows) => (expected = rows),
      onProgress: ({ hourUs, rows }) => {
        if (progress.isShown) progress.at(before + rows, expected)
        else say(`${hourText(hourUs)}: ${rows} records read`)
      },
      onSealed: (one) => {
        before += one.rows
        progress.clear()
        print(lineOf(one, flags.output === 'json'))
        progress.at(before, expected)
      },
    })
  ).finally(progress.end)
  if (sealed.length === 0) say('There is no hour to seal.')
}

export function addSeal(program: Command): void {
  const command = withConfigOptions(program.command('seal'))
    .description('move hours that are over from PostgreSQL to files of the archive')
    .addOption(
      durationOption('--older-than <duration>', 'hours that ended at least so long ago', 0).default(
        7200e6,
        '2h'
      )
    )
    .option('--hour <time>', 'the one hour that holds this time, if it is old enough')
    .option('--tz <zone>', 'zone of a local time')
    .addOption(outputOption('text', 'json'))
    .action(withExit(seal))
  withRunAgain(
    command,
    'Hours that are sealed are passed over. The one that was under way when it was killed is ' +
      'sealed anew: each of its rows is in PostgreSQL or in a file, and never in both.'
  )
  withExamples(command, [
    ['seal', 'hours that ended two hours ago or longer'],
    ['seal --older-than 7d -o json', 'a week stays in PostgreSQL; a line of JSON for each hour'],
    ['seal --hour 2026-11-26T12:00Z', 'one hour'],
  ])
}
