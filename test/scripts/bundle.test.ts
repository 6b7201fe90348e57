import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { writeBundle } from '../../scripts/bundle.ts'
import { runFlowledger } from '../cli/run-flowledger.ts'
import { ethernet, ip4, pcap, udp } from '../collector/capture/build.ts'

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** RFC 1035 §4.1: a question about the IPv4 address of www.netflix.com. */
const question = Buffer.from(
  '00010100000100000000000003777777076e6574666c697803636f6d0000010001',
  'hex'
)

test('classify says the same from its few files as from its source', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flowledger-bundle-'))
  try {
    // Of the packages these alone: checking schemas would take longer to load than all else.
    await mkdir(join(folder, 'node_modules'))
    for (const name of ['node_modules/commander', 'node_modules/re2js', 'classifier']) {
      await symlink(join(root, name), join(folder, name))
    }
    await writeBundle(join(folder, 'dist/bundle'))
    const capture = join(folder, 'one.pcap')
    const octets = ethernet(0x0800, ip4(udp(question, 53)))
    await writeFile(capture, pcap([{ octets, timeUs: 1.7e15 }]))
    const argv = ['classify', '-o', 'ndjson', '--metadata', capture]
    const bundled = join(folder, 'dist/bundle/main.js')
    const { status, stdout } = spawnSync(process.execPath, [bundled, ...argv], { encoding: 'utf8' })
    const fromSource = runFlowledger(argv)
    expect(status).toBe(0)
    expect(stdout).toContain('"application":"netflix"')
    expect(stdout).toBe(fromSource.stdout)
  } finally {
    await rm(folder, { recursive: true })
  }
})
