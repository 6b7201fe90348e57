import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm, symlink, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleName, bytecodeOf } from '../../cli/quick-start.ts'
import { writeBundle, writeBytecode } from '../../scripts/bundle.ts'
import { runFlowledger } from '../cli/run-flowledger.ts'
import { ethernet, ip4, pcap, udp } from '../collector/capture/build.ts'

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** RFC 1035 §4.1: a question about the IPv4 address of www.netflix.com. */
const question = Buffer.from(
  '00010100000100000000000003777777076e6574666c697803636f6d0000010001',
  'hex'
)

/** Runs a module that has what starts a bundle at hand. */
function run(folder: string, text: string, argv: readonly string[] = []) {
  const file = join(folder, 'run.mjs')
  const source = `import { loadBundle, quickStart } from '${root}/cli/quick-start.ts'\n${text}`
  writeFileSync(file, source)
  const env = { ...process.env, NODE_OPTIONS: '' }
  const options = { cwd: root, env, encoding: 'utf8' } as const
  return spawnSync(process.execPath, ['--import', 'tsx', file, ...argv], options)
}

let folder: string
let bundle: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flowledger-bundle-'))
  // Of the packages none: checking schemas would take longer to load than all else.
  await symlink(join(root, 'classifier'), join(folder, 'classifier'))
  await writeBundle(join(folder, 'dist/bundle'))
  bundle = join(folder, 'dist/bundle', bundleName)
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

test('classify says the same from its one file as from its source', () => {
  const capture = join(folder, 'one.pcap')
  const octets = ethernet(0x0800, ip4(udp(question, 53)))
  writeFileSync(capture, pcap([{ octets, timeUs: 1.7e15 }]))
  const argv = ['classify', '-o', 'ndjson', '--metadata', capture]
  const { status, stdout } = run(folder, `await quickStart('${bundle}')`, argv)
  const fromSource = runFlowledger(argv)
  expect(status).toBe(0)
  expect(stdout).toContain('"application":"netflix"')
  expect(stdout).toBe(fromSource.stdout)
})

test('its other files find the first one: what they raise is known to it', async () => {
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  const argv = ['classify', '--unknown', '--data-dir', join(folder, 'none')]
  const { status, stderr } = run(folder, `await quickStart('${bundle}')`, argv)
  await unlink(join(folder, 'node_modules'))
  const fromSource = runFlowledger(argv)
  expect(stderr).toContain('There is no token')
  expect({ status, stderr }).toEqual({ status: fromSource.code, stderr: fromSource.stderr })
})

test('bytecode is taken where it is of the file, and is the same each time and in any folder', () => {
  const says = `console.log(loadBundle('${bundle}').cachedDataRejected)`
  expect(run(folder, says).stdout).toBe('false\n')
  const [text, bytecode] = [readFileSync(bundle), readFileSync(bytecodeOf(bundle))]
  writeBytecode(bundle)
  expect(readFileSync(bytecodeOf(bundle)).equals(bytecode)).toBe(true)
  expect(bytecode.includes(folder)).toBe(false)
  // V8 itself would take it: the file is as long as before.
  writeFileSync(bundle, text.toString().replace(';', ' '))
  expect(run(folder, says).stdout).toBe('undefined\n')
  writeFileSync(bundle, text)
})
