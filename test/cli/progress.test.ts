import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { programMissing, skipUnless } from '../skip.ts'
import { listensAt } from '../listening.ts'
import { until } from '../until.ts'
import { startOnTerminal } from './on-terminal.ts'

const folder = mkdtempSync(join(tmpdir(), 'flowledger-progress-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A NetFlow v5 header and one record (48 octets), all zero but for version and count. */
function datagram(): Buffer {
  const octets = Buffer.alloc(24 + 48)
  octets.writeUInt16BE(5, 0)
  octets.writeUInt16BE(1, 2)
  return octets
}

/** A capture of so many empty Ethernet frames. */
function capture(frames: number): Buffer {
  const head = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex')
  const frame = Buffer.alloc(16 + 60)
  frame.writeUInt32LE(60, 8)
  frame.writeUInt32LE(60, 12)
  return Buffer.concat([head, Buffer.alloc(frames * frame.length, frame)])
}

/** What a terminal shows of the command on standard error, its data going to a file or to it. */
async function onTerminal(
  argv: string,
  env: Record<string, string> = {},
  input?: string
): Promise<string> {
  const { shown, ended } = startOnTerminal(argv, env, input)
  await ended
  return shown()
}

describe.skipIf(skipUnless('program', programMissing('script')))('a long command', () => {
  const pcap = join(folder, 'long.pcap')
  const netflow = Array.from({ length: 3 }, (_, at) => join(folder, `${at}.v5`))
  writeFileSync(pcap, capture(60_000))
  for (const file of netflow) writeFileSync(file, datagram())
  /** The first half is read before the pause, so what comes behind it comes when time has passed. */
  const pausing = `(head -c 2000000 ${pcap}; sleep 1; tail -c +2000001 ${pcap})`
  const rate = /\d+ MB, \d+ MB\/s/

  test('shows how far it is on a terminal, and takes that away at its end', async () => {
    const env = { NO_COLOR: '', TERM: 'xterm' }
    const shown = await onTerminal(`classify - > ${join(folder, 'out')}`, env, pausing)
    expect(shown).toMatch(rate)
    expect(shown).toContain('\r\u001B[K')
    expect(shown.slice(shown.lastIndexOf('\r\u001B[K'))).not.toMatch(/MB/)
    expect(shown).toMatch(/60000 frames/)
  })

  test('gives a terminal no orders where NO_COLOR is set', async () => {
    const shown = await onTerminal(
      `classify - > ${join(folder, 'out')}`,
      { NO_COLOR: '1' },
      pausing
    )
    expect(shown).toMatch(rate)
    expect(shown).not.toContain('\u001B')
  })

  test('shows it where its data go to a socket, once somebody reads there', async () => {
    const path = join(folder, 'stream.sock')
    const env = { NO_COLOR: '', TERM: 'xterm' }
    const { shown, ended } = startOnTerminal(`stream --pcap - --unix ${path}`, env, pausing)
    await until(() => listensAt(path))
    const reader = connect(path).resume()
    expect(await ended, shown()).toEqual({ code: 0 })
    reader.destroy()
    expect(shown()).toMatch(rate)
    expect(shown().slice(shown().lastIndexOf('\r\u001B[K'))).toMatch(/\d+ messages/)
  })

  test('shows nothing among its data, and nothing where nobody looks', async () => {
    expect(await onTerminal('classify -', {}, pausing)).not.toMatch(/MB/)
    const nowhere = `> /dev/null 2> ${join(folder, 'err')}`
    expect(await onTerminal(`classify - ${nowhere}`, {}, pausing)).toBe('')
    expect(await onTerminal(`decode ${netflow.join(' ')} > /dev/null`)).not.toMatch(/Error/)
  })
})
