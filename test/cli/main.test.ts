import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { version } from '../../model/version.ts'
import { runFlowledger } from './run-flowledger.ts'

const folder = mkdtempSync(join(tmpdir(), 'flowledger-main-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('version is that of the package, alone on stdout', () => {
  expect(version).toBe(packageJson.version)
  const { code, stdout, stderr } = runFlowledger(['version'])
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: `flowledger ${packageJson.version}\n`,
    stderr: '',
  })
  expect(JSON.parse(runFlowledger(['version', '-o', 'json']).stdout)).toMatchObject({ version })
})

describe('wrong usage ends with 2, says so on stderr, and leaves stdout empty', () => {
  test.each([
    [[], /Usage: flowledger/],
    [['chekc-config'], /unknown command 'chekc-config'\n\(Did you mean check-config\?\)/],
    [['doctor', '--otput', 'json'], /unknown option '--otput'/],
    [['doctor', '-o', 'xml'], /'xml' is invalid. Allowed choices are text, json/],
    [['version', 'extra'], /too many arguments/],
  ])('%j', (argv, message) => {
    const { code, stdout, stderr } = runFlowledger(argv)
    expect(stderr).toMatch(message)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
})

test('a wrong configuration ends with 3 and one line for each thing, no stack', () => {
  const file = join(folder, 'wrong.yaml')
  writeFileSync(file, 'api:\n  lisetn: 127.0.0.1:1\n')
  const { code, stdout, stderr } = runFlowledger(['check-config', '--config', file])
  expect(stderr).toBe(`flowledger: ${file}:2:3: unknown key api.lisetn. Did you mean listen?\n`)
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
  const debug = runFlowledger(['check-config', '--config', file], { FLOWLEDGER_DEBUG: '1' })
  expect(debug.stderr).toMatch(/^FlowledgerError: .*\n\s+at /)
})

test('check-config says which file it read, and dumps what is in force', () => {
  const file = join(folder, 'right.yaml')
  writeFileSync(file, 'data_dir: /srv/ledger\n')
  expect(runFlowledger(['check-config', '--config', file]).stdout).toBe(`${file} is valid.\n`)
  const dump = runFlowledger(['check-config', '--config', file, '--dump'], {
    FLOWLEDGER_API_LISTEN: '127.0.0.1:81',
  })
  expect(dump.stdout).toContain(`${file}:1:11`)
  expect(dump.stdout).toMatch(/listen: 127\.0\.0\.1:81 +# variable FLOWLEDGER_API_LISTEN/)
})

test('help groups the commands and ends with 0', () => {
  const { code, stdout } = runFlowledger(['--help'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Run:$/m)
  expect(stdout).toMatch(/Exit codes: 0 an answer/)
})

test('a reader that goes away early is no error, on stdout or on stderr', () => {
  for (const to of ['>&-', '2>&-']) {
    const command = `"$0" --import tsx cli/main.ts help ${to}`
    const { status } = spawnSync('sh', ['-c', command, process.execPath])
    expect(status).toBe(0)
  }
  const piped = `("$0" --import tsx cli/main.ts check-config --dump; echo $? >&2) | true`
  const { stderr } = spawnSync('sh', ['-c', piped, process.execPath], { encoding: 'utf8' })
  expect(stderr).toBe('0\n')
})
