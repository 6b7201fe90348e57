import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { programMissing, skipUnless } from '../skip.ts'

const entry = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'flowledger-progress-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A NetFlow v5 header and one record (48 octets), all zero but for version and count. */
function datagram(): Buffer {
  const octets = Buffer.alloc(24 + 48)
  octets.writeUInt16BE(5, 0)
  octets.writeUInt16BE(1, 2)
  return octets
}

/** A capture of so many empty Ethernet frames, which takes a while to read. */
function capture(frames: number): Buffer {
  const head = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex')
  const frame = Buffer.alloc(16 + 60)
  frame.writeUInt32LE(60, 8)
  frame.writeUInt32LE(60, 12)
  return Buffer.concat([head, Buffer.alloc(frames * frame.length, frame)])
}

/** What a terminal shows of the command on standard error, its data going to a file or to it. */
async function onTerminal(argv: string, env: Record<string, string> = {}): Promise<string> {
  const command = `${process.execPath} --import tsx ${entry} ${argv}`
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let shown = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text))
  await once(child, 'close')
  return shown
}

describe.skipIf(skipUnless('program', programMissing('script')))('a long command', () => {
  const pcap = join(folder, 'long.pcap')
  const netflow = Array.from({ length: 3 }, (_, at) => join(folder, `${at}.v5`))
  writeFileSync(pcap, capture(1_500_000))
  for (const file of netflow) writeFileSync(file, datagram())
  const rate = /\d+ MB, \d+ MB\/s, \d+ %, \d+ s left/

  test('shows how far it is on a terminal, and takes that away at its end', async () => {
    const shown = await onTerminal(`classify ${pcap} > ${join(folder, 'out')}`, { NO_COLOR: '' })
    expect(shown).toMatch(rate)
    expect(shown).toContain('\r\u001B[K')
    expect(shown.slice(shown.lastIndexOf('\r\u001B[K'))).not.toMatch(/MB/)
    expect(shown).toMatch(/1500000 frames/)
  })

  test('gives a terminal no orders where NO_COLOR is set', async () => {
    const shown = await onTerminal(`classify ${pcap} > ${join(folder, 'out')}`, { NO_COLOR: '1' })
    expect(shown).toMatch(rate)
    expect(shown).not.toContain('\u001B')
  })

  test('shows nothing among its data, and nothing where nobody looks', async () => {
    expect(await onTerminal(`classify ${pcap}`)).not.toMatch(/MB/)
    expect(await onTerminal(`classify ${pcap} > /dev/null 2> ${join(folder, 'err')}`)).toBe('')
    expect(await onTerminal(`decode ${netflow.join(' ')} > /dev/null`)).not.toMatch(/Error/)
  })
})
