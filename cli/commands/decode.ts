import type { Command } from 'commander'
import { exitCodes } from '../../model/errors.ts'
import { withExamples, withExit } from '../common-options.ts'
import { readsAnew, withRunAgain } from '../run-again.ts'
import { say } from '../output.ts'
import { outputOption } from '../output-option.ts'

async function decode(files: readonly string[]): Promise<number> {
  const { decodeFiles } = await import('../decode-files.ts')
  const { filesProgress } = await import('../progress.ts')
  const progress = filesProgress(files)
  const write = (text: string): boolean => process.stdout.write(text)
  const { done, problems } = decodeFiles(files, write, progress.read)
  progress.end()
  for (const problem of problems) say(problem)
  return done ? exitCodes.ok : exitCodes.noMatch
}

export function addDecode(program: Command): void {
  const command = program
    .command('decode')
    .description('show the records of NetFlow v5, v9 and IPFIX, one line of JSON each')
    .argument('<file...>', 'captures (pcap, pcapng), payloads of datagrams, or IPFIX files')
    .addOption(outputOption('ndjson'))
    .action(withExit(decode))
  withRunAgain(command, readsAnew)
  withExamples(command, [
    ['decode capture.pcapng', 'every record that was sent in it, by any exporter'],
    ['decode templates.dat data.dat', 'files that are given together share their templates'],
    ['decode capture.pcap | jq .post_nat_source_ipv4_address', "fields have IANA's names"],
  ])
}
