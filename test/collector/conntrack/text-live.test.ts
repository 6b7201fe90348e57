import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LineReader } from '../../../collector/conntrack/text-line.ts'
import { namespacesMissing, programMissing, skipUnless } from '../../skip.ts'

const space = `flt-text-${process.pid}`

function inside(...argv: string[]): string {
  return execFileSync('ip', ['netns', 'exec', space, ...argv], { encoding: 'utf8', stdio: 'pipe' })
}

/** Lets what the watchers have printed come in. */
async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 20))
}

/** Entries of every kind, made by hand: what conntrack's command line takes. */
const entries = [
  '-p tcp --sport 1000 --dport 2000 --state ESTABLISHED -u ASSURED -m 7 --src-nat 203.0.113.1',
  '-p udp --sport 1000 --dport 2000 -w 5',
  '-p udp --sport 1000 --dport 2001 --orig-zone 9',
  '-p udp --sport 1000 --dport 2002 --reply-zone 9',
  '-p udplite --sport 1000 --dport 2002',
  '-p icmp --icmp-type 8 --icmp-code 0 --icmp-id 7',
  '-p dccp --sport 1000 --dport 2002 --state OPEN --role client',
  '-p sctp --sport 1000 --dport 2002 --state ESTABLISHED --orig-vtag 1 --reply-vtag 2',
  '-p gre --srckey 1000 --dstkey 2002',
  '-p 222',
].map((rest) => `-I -s 10.9.0.78 -d 198.51.100.7 --timeout 500 ${rest}`)
const v6 = '-I -s fd00:9::7 -d 2001:db8:1::44 -p udp --sport 1 --dport 2 --timeout 500'

const missing = namespacesMissing() ?? programMissing('conntrack')

describe.skipIf(skipUnless('kernel', missing))('the conntrack of this machine', () => {
  beforeAll(() => {
    execFileSync('ip', ['netns', 'add', space])
    for (const name of ['acct', 'timestamp']) {
      inside('sysctl', '-qw', `net.netfilter.nf_conntrack_${name}=1`)
    }
    inside('nft', 'add table inet t; add chain inet t c { type filter hook input priority 0; }')
    inside('nft', 'add rule inet t c ct state new')
  })
  afterAll(() => {
    execFileSync('ip', ['netns', 'delete', space])
  })

  test('every event and every list, with and without options: read to the last field', async () => {
    const reader = new LineReader()
    const outputs = ['', 'timestamp', 'timestamp,id,ktimestamp,extended', 'userspace,id']
    const events = outputs.map((output) => {
      const argv = ['netns', 'exec', space, 'conntrack', '-E', ...(output ? ['-o', output] : [])]
      const child = spawn('ip', argv, { stdio: ['ignore', 'pipe', 'ignore'] })
      let text = ''
      child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
      return { child, lines: () => text.split('\n').filter((line) => line !== '') }
    })
    // The watchers say nothing until there is an event, so one is made until all have seen it.
    const probe = '-s 192.0.2.1 -d 192.0.2.2 -p udp --sport 1 --dport 1 --timeout 500'.split(' ')
    while (events.some(({ lines }) => lines().length === 0)) {
      inside('conntrack', '-I', ...probe)
      inside('conntrack', '-D', '-s', '192.0.2.1')
      await pause()
    }
    for (const entry of [...entries, v6]) inside('conntrack', ...entry.split(' '))
    const lists = [
      ...outputs.flatMap((output) =>
        ['ipv4', 'ipv6'].map((family) =>
          inside('conntrack', '-L', '-f', family, ...(output ? ['-o', output] : []))
        )
      ),
      inside('cat', '/proc/net/nf_conntrack'),
    ].map((text) => text.split('\n').filter((line) => line !== ''))
    inside('conntrack', '-D', '-s', '10.9.0.78')
    inside('conntrack', '-D', '-s', 'fd00:9::7')
    const count = entries.length + 1
    const kinds = (lines: string[], of: string): number =>
      lines.filter(
        (line) =>
          !line.includes('192.0.2.1') && reader.read(line) === undefined && reader.kind === of
      ).length
    while (events.some(({ lines }) => kinds(lines(), 'destroy') < count)) {
      await pause()
    }
    for (const { child, lines } of events) {
      child.kill()
      await once(child, 'close')
      for (const line of lines()) expect([line, reader.read(line)]).toEqual([line, undefined])
      expect(kinds(lines(), 'new')).toBe(count)
      expect(kinds(lines(), 'destroy')).toBe(count)
    }
    for (const lines of lists) {
      for (const line of lines) expect([line, reader.read(line)]).toEqual([line, undefined])
    }
    expect(kinds(lists.at(-1) ?? [], 'sighting')).toBe(count)
    expect([...reader.unknown]).toEqual([])
  })
})
