import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startFlowledger } from '../../cli/run-flowledger.ts'
import { skipPostgres } from '../../postgres.ts'
import { attempt, session } from './requests.ts'
import { useTarget } from './target.ts'

/** The command lines of all processes, as any user of the machine reads them. */
function commandLines(): string {
  const lines = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8')
      } catch {
        return ''
      }
    })
  return lines.join('\n')
}

describe.skipIf(skipPostgres)('secrets', () => {
  const target = useTarget()

  test('stand in no log and in no command line, whatever is done with them', async () => {
    const { cookie, csrf } = await session(target)
    await target.ask('/v1/lookup?ip=192.0.2.1&port=1&at=now')
    await attempt(target, { path: '/v1/session', headers: { Authorization: 'Bearer fl_wrong1' } })
    await attempt(target, { path: `/lookup?token=${target.token}`, headers: { Cookie: cookie } })
    const data = join(target.folder, 'data')
    const kept = readdirSync(data, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile() && /credential|password|key|token|secret/.test(file.name))
      .map((file) => readFileSync(join(file.parentPath, file.name), 'latin1'))
    // Every long run of random characters in a file that holds secrets is one.
    const secrets = kept.flatMap((text) => text.match(/[\w+/-]{24,}/g) ?? [])
    expect(secrets).toContain(target.token)
    expect(secrets.length).toBeGreaterThan(3)
    const session256 = cookie.split('=')[1] ?? ''
    const seen = target.log() + commandLines()
    for (const secret of [...secrets, session256, csrf, 'fl_wrong1']) {
      expect(seen).not.toContain(secret)
    }
  })

  test('of a URL in the arguments are taken out of what ps shows', async () => {
    const url = 'postgres://somebody:Geheim-8812@127.0.0.1:1/x'
    const argv = ['serve', '--database', url, '--data-dir', join(target.folder, 'other')]
    const child = startFlowledger([...argv, '--listen', '127.0.0.1:0'])
    let shown = ''
    let log = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log += text
      if (shown === '') shown = commandLines()
    })
    await once(child, 'close')
    expect(shown).toContain('postgres://somebody:…@')
    expect(log + shown).not.toContain('Geheim-8812')
  })
})
