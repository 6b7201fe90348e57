import { accessSync, constants } from 'node:fs'
import type { Command } from 'commander'
import { parseListen } from '../../model/endpoint-text.ts'
import { exitCodes, FlowledgerError } from '../../model/errors.ts'
import { sayDamage } from '../classified-flows.ts'
import { withExamples, withExit } from '../common-options.ts'
import { withRunAgain } from '../run-again.ts'
import { makeLog } from '../log.ts'
import { say } from '../output.ts'
import { withRulesOptions } from '../rules-option.ts'
import type { RulesFlags } from '../rules-option.ts'

interface StreamFlags extends RulesFlags {
  readonly pcap?: string
  readonly unix?: string
  readonly tcp?: string
}

type StreamConfig = import('../../model/stream-settings.ts').StreamConfig

/** All of a capture comes at once, and none of it is dropped. */
function streamOf({ unix, tcp }: StreamFlags): StreamConfig {
  const at = tcp === undefined ? undefined : parseListen(tcp)
  if (tcp !== undefined && at === undefined) {
    throw new FlowledgerError('usage', `"${tcp}" is no address and port to listen on.`)
  }
  return {
    established: false,
    updateMs: 15_000,
    mostWaiting: Number.POSITIVE_INFINITY,
    ...(unix === undefined ? {} : { unix }),
    ...(at === undefined ? {} : { tcp: at }),
  }
}

async function stream(flags: StreamFlags): Promise<number> {
  const { pcap, rules, catalogue } = flags
  if (pcap === undefined || (flags.unix === undefined && flags.tcp === undefined)) {
    throw new FlowledgerError('usage', 'stream needs a capture and a place to be read at.', {
      fix: 'Give --pcap, and --unix or --tcp.',
    })
  }
  // A name that is wrong is told now, not once somebody reads.
  if (pcap !== '-') accessSync(pcap, constants.R_OK)
  const { streamFile } = await import('../../appliance/capture/stream-file.ts')
  const aborted = new Promise<never>((_, reject) => {
    const stop = (): void => reject(new FlowledgerError('usage', 'Ended before anybody read.'))
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
  })
  const { filesProgress } = await import('../progress.ts')
  // Its data go to a socket, so the terminal has room; until somebody reads, nothing goes on.
  let progress: ReturnType<typeof filesProgress> | undefined
  const { messages, capture } = await streamFile({
    path: pcap,
    applications: {
      rules: rules.map((path) => ({ path })),
      catalogue,
      keepHints: false,
      personal: 'keep',
    },
    stream: streamOf(flags),
    log: makeLog(),
    listening: (addresses) => say(`Waiting for a reader on ${addresses.join(' and ')}.`),
    read: (octets) => (progress ??= filesProgress([pcap], false)).read(octets),
    aborted,
  }).finally(() => progress?.end())
  sayDamage(capture)
  say(`${messages} messages.`)
  return exitCodes.ok
}

export function addStream(program: Command): void {
  const command = withRulesOptions(program.command('stream'))
    .description("stream the flows of a capture in the form of Netify's agent, to who reads first")
    .option('--pcap <file>', 'capture; - is standard input')
    .option('--unix <path>', 'unix socket to be read at')
    .option('--tcp <address:port>', 'address and port to be read at')
    .action(withExit(stream))
  withRunAgain(command, 'The capture is read from its beginning, for the one who reads then.')
  withExamples(command, [
    ['stream --pcap capture.pcapng --unix /tmp/flows.sock', 'then: nc -U /tmp/flows.sock | jq'],
  ])
}
