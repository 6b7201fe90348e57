import { readdir, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { formatInstant } from '../../../model/time.ts'
import { skipPostgres, usePostgres } from '../../postgres.ts'
import { fill } from '../../store/archive/fill.ts'
import { firstHourUs } from '../../store/archive/random-flows.ts'
import { runFlowledger } from '../run-flowledger.ts'

const postgres = usePostgres()

describe.skipIf(skipPostgres)('seal', () => {
  const run = (...argv: string[]) => runFlowledger([...argv, '--data-dir', postgres.dataDir])
  const atUs = firstHourUs + 600e6
  const at = formatInstant(atUs)

  beforeAll(async () => {
    if (skipPostgres) return
    await fill(postgres.urls.collector, [
      {
        source: '10.0.0.7 40000',
        destination: '198.51.100.9 443',
        postNatSource: '192.0.2.1 61284',
        startUs: atUs - 60e6,
        endUs: atUs + 60e6,
      },
    ])
  })

  test('an hour that moved is answered as before, and is known to be whole', () => {
    const ask = () => run('lookup', '192.0.2.1:61284', at, '-o', 'json')
    const candidatesOf = ({ stdout }: { stdout: string }): unknown =>
      (JSON.parse(stdout) as { candidates: unknown }).candidates
    const before = ask()
    expect(before.code).toBe(0)
    expect(run('seal', '--older-than', 'long').code).toBe(2)
    const sealed = run('seal', '-o', 'json')
    expect(sealed.code).toBe(0)
    const [line] = sealed.stdout.trim().split('\n')
    expect(JSON.parse(line ?? '')).toMatchObject({ rows: 1 })
    const after = ask()
    expect(candidatesOf(after)).toEqual(candidatesOf(before))
    expect(run('verify-archive')).toMatchObject({
      code: 0,
      stdout: '1 files, each as it was sealed.\n',
    })
  })

  test('a file that was cut is named, and what it held is not "nobody"', async () => {
    const archive = join(postgres.dataDir, 'archive')
    const names = await readdir(archive, { recursive: true })
    const file = names.find((name) => name.endsWith('.parquet')) ?? ''
    await truncate(join(archive, file), 100)
    const verified = run('verify-archive', '-o', 'json')
    expect(verified.code).toBe(1)
    expect(JSON.parse(verified.stdout)).toMatchObject({
      files: 1,
      problems: [{ path: file, problem: 'truncated' }],
    })
    const answer = run('lookup', '192.0.2.1:61284', at, '-o', 'json')
    expect(answer.code).toBe(5)
    const { verdict, coverage } = JSON.parse(answer.stdout) as {
      verdict: string
      coverage: { gaps: { reason: string }[] }
    }
    expect(verdict).toBe('no-data')
    expect(coverage.gaps.map(({ reason }) => reason)).toContain('archive-damaged')
  })
})
