import type { Command } from 'commander'
import type { NoticesBody } from '../../lookup-api/notices/contract.ts'
import type { MessageReading } from '../../lookup-api/notices/read.ts'
import type { Config } from '../../model/config.ts'
import { loadAloud, withConfigOptions, withExamples, withExit } from '../common-options.ts'
import { withRunAgain } from '../run-again.ts'
import type { CommonFlags } from '../config/layers.ts'
import { print, say } from '../output.ts'
import { outputOption } from '../output-option.ts'

interface NoticeFlags extends CommonFlags {
  readonly parseOnly?: true
  readonly zone?: string
  readonly case?: string
  readonly purpose?: string
  readonly output: 'table' | 'json'
}

const types: Readonly<Record<string, string>> = {
  eml: 'message/rfc822',
  csv: 'text/csv',
  html: 'text/html',
  htm: 'text/html',
}

interface Input {
  readonly raw: Uint8Array
  readonly reading: MessageReading
}

async function readInput(file: string, config: Config, zone?: string): Promise<Input> {
  const { readNoticeFile } = await import('../notice-file.ts')
  const { readMessage } = await import('../../lookup-api/notices/read.ts')
  const { parseZone } = await import('../../model/time-zone.ts')
  const askedZone = zone === undefined ? {} : { askedZone: parseZone(zone) }
  const settings = { nowUs: Date.now() * 1000, rules: config.notices, ...askedZone }
  const extension = /\.(\w+)$/.exec(file)?.[1]?.toLowerCase() ?? ''
  const raw = await readNoticeFile(file)
  return { raw, reading: await readMessage(raw, settings, types[extension] ?? '') }
}

/** Asks the ledger, as `flowledger lookup` does; where a case is named the notice goes into it. */
async function answered(
  { raw, reading }: Input,
  config: Config,
  flags: NoticeFlags
): Promise<NoticesBody> {
  const { withLedger } = await import('../ledger-access.ts')
  const { openFlowsOf } = await import('../../appliance/serving/open-flows.ts')
  const { makeAnswerDependencies } = await import('../../appliance/serving/answering.ts')
  const { answer } = await import('../../lookup-api/answer.ts')
  const { makeDesk } = await import('../../appliance/serving/case-desk.ts')
  const { fileNotice } = await import('../../lookup-api/cases/notices.ts')
  const { answerMessage, presentMessage } = await import('../../lookup-api/notices/answering.ts')
  const { principalOfCommand } = await import('../actor.ts')
  const { commandProgress } = await import('../progress.ts')
  return withLedger(config, 'lookup', async (access) => {
    const databases = {
      lookup: access.database('lookup', 8),
      audit: access.database('audit', 2),
      identity: access.database('identity', 4),
      directory: access.database('directory', 4),
    }
    const openFlows = openFlowsOf(config)
    const deps = makeAnswerDependencies(config, databases, openFlows)
    const principal = principalOfCommand()
    const parts = replyParts(config)
    let { case: reference } = flags
    if (reference !== undefined) {
      const context = { ...makeDesk(() => config, databases.audit), deps, principal }
      const read = presentMessage(reading, parts)
      const file = await fileNotice(context, reference, raw, read)
      if (file !== undefined) say(`The notice is in the case ${file.reference}.`)
      reference = file?.reference ?? reference
    }
    const progress = commandProgress('look-ups')
    return await answerMessage(reading, {
      ask: (input) => answer(input, deps, principal),
      watch: progress.at,
      ...parts,
      ...(reference === undefined ? {} : { case: reference }),
      ...(flags.purpose === undefined ? {} : { purpose: flags.purpose }),
    }).finally(progress.end)
  })
}

const replyParts = (config: Config) => ({
  rules: config.notices,
  nowUs: Date.now() * 1000,
  ...(config.networks === undefined ? {} : { networks: config.networks }),
})

async function notice(file: string, flags: NoticeFlags): Promise<number> {
  const { config } = await loadAloud(flags)
  const input = await readInput(file, config, flags.zone)
  const { presentMessage } = await import('../../lookup-api/notices/answering.ts')
  const { exitCodeOfNotices, exitCodeOfReading, formatNotices } =
    await import('../../lookup-api/notices/format.ts')
  // Of what is no notice there is nothing to ask; to a case it goes all the same.
  const hasNone = input.reading.notices.length === 0 && flags.case === undefined
  const parseOnly = flags.parseOnly === true || hasNone
  const body = parseOnly
    ? presentMessage(input.reading, replyParts(config))
    : await answered(input, config, flags)
  print(flags.output === 'json' ? JSON.stringify(body, null, 2) : formatNotices(body))
  return parseOnly ? exitCodeOfReading(body) : exitCodeOfNotices(body)
}

export function addNotice(program: Command): void {
  const command = withConfigOptions(program.command('notice'))
    .description('what does this notice claim, and who was it?')
    .argument('<file>', 'a mail, ACNS, X-ARF, MARF, CSV or text; - is standard input')
    .option('--parse-only', 'say what it claims; no database is needed and nothing is asked')
    .option('--zone <zone>', 'zone of times that name none, such as Europe/Berlin or +01:00')
    .option('--case <text>', 'the case that it goes into; new: one is opened')
    .option('--purpose <text>', 'reason for the audit')
    .addOption(outputOption('table', 'json'))
    .action(withExit(notice))
  withRunAgain(
    command,
    'Every look-up is asked anew and has another entry in the audit. With --case the notice is ' +
      'in the case once more, and --case new opens another one.'
  )
  withExamples(command, [
    ['notice complaint.eml', 'every sighting in it is looked up, each with an entry in the audit'],
    ['notice complaint.eml --parse-only -o json', 'what was read, and what is missing or unsure'],
    ['notice complaint.eml --case new', 'a case is opened for it; its reference is on stderr'],
    ['notice - --zone America/New_York < pasted.txt', 'times without a zone are of New York'],
  ])
}
