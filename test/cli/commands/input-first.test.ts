import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runFlowledger } from '../run-flowledger.ts'

/**
 * What was typed wrong is told before a database is asked: here there is none, and who asked for it
 * would be told of that.
 */
const folder = mkdtempSync(join(tmpdir(), 'flowledger-input-'))
afterAll(() => rmSync(folder, { recursive: true }))
const image = join(folder, 'picture.bin')
writeFileSync(image, Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3, 255, 254]))

const times = ['--from', '-1h', '--to', 'now']
const noName = 'a..b:4739'

test.each([
  [['lookup', '192.0.2.1:40001', '2026-13-45'], /Write 2026-03/],
  [['lookup', '192.0.2.1:40001', '-1h', '--protocol', 'tpc'], /"tpc" is not a protocol/],
  [['lookup', '192.0.2.1:40001', '-1h', '--pdf', 'x.pdf'], /--evidence/],
  [['export', '--format', 'ipfix', ...times, '--target', noName], /a\.\.b has no address/],
  [['export', '--format', 'ipfix', ...times, '--target', 'collector'], /HOST:PORT/],
  [['export', '--format', 'csv', ...times, '--target', '192.0.2.9:4739'], /csv is text/],
  [['export', '--format', 'csv', '--from', 'now', '--to', '-1h'], /--to must be later/],
  [['export', '--format', 'flow-tools', ...times, '--exporter', 'gw'], /"gw"/],
  [['notice', join(folder, 'missing.eml')], /missing\.eml/],
])('%j', (argv, words) => {
  const { code, stderr } = runFlowledger([...argv, '--data-dir', join(folder, 'nothing')])
  expect(stderr).toMatch(words)
  expect(stderr).not.toMatch(/no ledger/)
  expect(code).not.toBe(0)
})

test('of what is no notice nothing is asked', () => {
  const argv = ['notice', image, '--data-dir', join(folder, 'nothing')]
  const { code, stdout, stderr } = runFlowledger(argv)
  expect({ code, stderr }).toEqual({ code: 5, stderr: '' })
  expect(stdout).toMatch(/No notice was found/)
})
