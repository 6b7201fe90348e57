import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { runFlowledger } from './run-flowledger.ts'
import type { Finished } from './run-flowledger.ts'

/** As people do it: a case, a look-up for it, the evidence in other hands, a hold. */
describe.skipIf(skipPostgres)('evidence and cases on the command line', () => {
  const postgres = usePostgres()
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-evidence-'))
  const file = (name: string): string => join(folder, name)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const run = (...argv: string[]): Finished =>
    runFlowledger([...argv, '--data-dir', postgres.dataDir])

  const ok = (...argv: string[]): string => {
    const { code, stdout, stderr } = run(...argv)
    expect(stderr).not.toContain('defect')
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    return stdout
  }

  /** On another machine: nothing but the files. */
  const verify = (...argv: string[]): Finished =>
    runFlowledger(['verify', ...argv, '--data-dir', file('nowhere')])

  test('go from the look-up to a file with its views', () => {
    expect(ok('case', 'open', 'A notice', '--reference', 'ABUSE-1')).toBe('ABUSE-1\n')
    const views = ['--page', file('a.html'), '--pdf', file('a.pdf')]
    const question = ['192.0.2.1:2000', '2026-03-01T12:00:00Z', '--case', 'ABUSE-1']
    const said = run('lookup', ...question, '--evidence', file('a.json'), ...views)
    expect(said.code).toBe(5)
    expect(readFileSync(file('a.pdf')).subarray(0, 5).toString()).toBe('%PDF-')
    expect(readFileSync(file('a.html'), 'utf8')).toContain('no-data')
    writeFileSync(file('keys.json'), ok('key', 'show'))
    writeFileSync(file('key.pem'), ok('key', 'show', '--pem'))
  })

  test('are proven by the keys, and without any are merely whole', () => {
    const proven = verify(file('a.json'), '--keys', file('keys.json'))
    expect(proven).toMatchObject({ code: 0, stderr: '' })
    expect(proven.stdout).toContain('does not prove that its content is true')
    expect(verify(file('a.json'), '--key', file('key.pem')).code).toBe(0)
    const open = verify(file('a.json'), '-o', 'json')
    expect(open.code).toBe(5)
    expect(JSON.parse(open.stdout)).toMatchObject({ state: 'open', kind: 'answer' })
    expect(run('verify', file('a.json')).code).toBe(0)
  })

  test('are refused where they were changed, and shown where they are proven', () => {
    const text = readFileSync(file('a.json'), 'utf8')
    writeFileSync(file('b.json'), text.replace('no-data', 'no-datb'))
    const failed = verify(file('b.json'), '--keys', file('keys.json'), '--page', file('b.html'))
    expect(failed.code).toBe(1)
    expect(failed.stdout).toContain('FAILED')
    expect(() => readFileSync(file('b.html'))).toThrow()
    const shown = verify(file('a.json'), '--keys', file('keys.json'), '--page', file('c.html'))
    expect(shown.code).toBe(0)
    expect(readFileSync(file('c.html'), 'utf8')).toBe(readFileSync(file('a.html'), 'utf8'))
  })

  test('outlive a change of the key', () => {
    ok('key', 'rotate')
    const keys = JSON.parse(ok('key', 'show')) as { keys: { valid_to: string | null }[] }
    expect(keys.keys.map((key) => key.valid_to === null)).toEqual([false, true])
    writeFileSync(file('new.json'), JSON.stringify(keys))
    writeFileSync(file('new.pem'), ok('key', 'show', '--pem'))
    expect(verify(file('a.json'), '--keys', file('new.json')).code).toBe(0)
    expect(verify(file('a.json'), '--key', file('new.pem')).code).toBe(1)
  })

  test('take what people do', () => {
    ok('case', 'note', 'ABUSE-1', 'called', 'the', 'sender')
    ok('case', 'decide', 'ABUSE-1', 'forward', '--reason', 'complete')
    const due = ['--from', '2026-03-01T00:00:00Z']
    const deadline = ok('case', 'deadline', 'ABUSE-1', 'e-evidence-10d', ...due).trim()
    expect(ok('case', 'show', 'ABUSE-1')).toContain('2026-03-11T00:00:00.000Z')
    ok('case', 'deadline', 'ABUSE-1', deadline, '--met')
    expect(run('case', 'deadline', 'ABUSE-1', 'all', '--met').code).toBe(2)
  })

  test('hold what must be kept, until it is released', () => {
    const during = ['--from', '2026-03-01T11:00:00Z', '--to', '2026-03-01T13:00:00Z']
    const why = ['--reason', 'order 1', '--case', 'ABUSE-1', '--expires', '60d']
    const hold = ok('hold', 'place', '192.0.2.1:2000', ...during, ...why).trim()
    expect(ok('hold', 'list')).toContain('192.0.2.1 port 2000')
    ok('hold', 'release', hold, '--reason', 'withdrawn')
    expect(ok('hold', 'list')).not.toContain('192.0.2.1')
  })

  test('are closed, and go out whole', () => {
    expect(ok('case', 'list', '-o', 'json')).toContain('"reference":"ABUSE-1"')
    ok('case', 'close', 'ABUSE-1')
    expect(run('case', 'note', 'ABUSE-1', 'late').code).toBe(2)
    ok('case', 'export', 'ABUSE-1', '--file', file('case.json'), '--pdf', file('case.pdf'))
    writeFileSync(file('keys.json'), ok('key', 'show'))
    const proven = verify(file('case.json'), '--keys', file('keys.json'))
    expect(proven.code).toBe(0)
    expect(proven.stdout).toContain('1 enclosed file')
    const { document } = JSON.parse(readFileSync(file('case.json'), 'utf8')) as {
      document: { history: { kind: string }[] }
    }
    expect(document.history.map(({ kind }) => kind)).toEqual(
      'opened lookup note decision deadline deadline-met hold hold-released status'.split(' ')
    )
    expect(ok('verify-audit')).toContain('each as it was written')
  })

  test('say what is wrong', () => {
    expect(run('case', 'show', 'NONE').stderr).toContain('There is no case NONE')
    expect(run('hold', 'release', '99', '--reason', 'x').stderr).toContain('no hold 99')
    expect(run('case', 'deadline', 'ABUSE-1', 'soon').code).toBe(2)
    expect(run('case', 'open', '').code).toBe(2)
    expect(verify(file('missing.json')).code).toBe(3)
    const page = run('lookup', '192.0.2.1:1', 'now', '--page', file('x.html'))
    expect(page.stderr).toContain('--evidence')
  })
})
