import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { skipPostgres } from '../../postgres.ts'
import { useAccessLab } from '../access-lab.ts'
import { at, slice } from '../world.ts'
import { FormBrowser } from './browser.ts'

const noon = 'at=2026-03-01T12:00:00Z'

describe.skipIf(skipPostgres)('the page of look-ups', () => {
  const lab = useAccessLab()
  let browser: FormBrowser
  beforeAll(async () => {
    browser = new FormBrowser(lab)
    await browser.logIn(await lab.token({ role: 'investigator', person: 'Ines' }))
  })
  beforeEach(() => lab.rule({}))

  test('says what the API says, and is audited as often', async () => {
    const looked = async (): Promise<number> =>
      (await lab.audit()).filter(({ action }) => action === 'lookup').length
    const before = await looked()
    const text = await browser.text(`/lookup?ip=192.0.2.1&port=2000&protocol=tcp&${noon}`)
    expect(await looked()).toBe(before + 1)
    expect(text).toContain('2 hosts had 192.0.2.1:2000 (tcp) at 2026-03-01 12:00:00 UTC')
    expect(text).toContain('10.0.0.1:1000')
    expect(text).toContain('10.0.0.2:1000')
  })

  test('shows times in UTC and in the zone of the question', async () => {
    const text = await browser.text(
      '/lookup?ip=192.0.2.1&port=3000&at=2026-03-01+13:00:00&tz=Europe/Berlin'
    )
    expect(text).toContain('10.0.0.3:1000 had 192.0.2.1:3000 at 2026-03-01 12:00:00 UTC')
    expect(text).toContain('2026-03-01 13:00:00 +01:00')
  })

  test('marks each field that cannot be read, keeps what was written, and answers nothing', async () => {
    const response = await browser.get('/lookup?ip=192.0.2.1&port=70000&at=2026-03-01T12:00:00Z')
    expect(response.status).toBe(400)
    const text = await response.text()
    expect(text).toContain('href="#port"')
    expect(text).toMatch(/<input[^>]*id="port"[^>]*value="70000"[^>]*aria-invalid="true"/)
    expect(text).not.toContain('class="verdict')
    const ambiguous = await browser.text(
      '/lookup?ip=192.0.2.1&port=1&at=2026-10-25+02:30:00&tz=Europe/Berlin'
    )
    expect(ambiguous).toContain('2026-10-25T00:30:00.000Z')
    expect(ambiguous).toContain('2026-10-25T01:30:00.000Z')
  })

  test('writes out what attackers put into names', async () => {
    const script = '"><script>alert(1)</script>'
    lab.world.sources = lab.world.sources.map((one) => Object.assign({}, one, { source: script }))
    lab.world.slices = [slice(-60, 60, { source: script })]
    const asked = new URLSearchParams({
      ip: '192.0.2.1',
      port: '2000',
      case: script,
      purpose: script,
    })
    const text = await browser.text(`/lookup?${asked.toString()}&${noon}`)
    expect(text).toContain('&lt;script&gt;alert(1)')
    expect(text).not.toContain(script)
    expect(text).not.toMatch(/<script(?! type="module" src="\/assets\/)/)
  })

  test('offers to ask a second person where one is needed', async () => {
    lab.rule({ secondPerson: ['wide'] })
    lab.world.slices = [slice(-60, 60), slice(-60, 60, { inside: '10.0.0.2 1' })]
    const response = await browser.get(`/lookup?ip=192.0.2.1&${noon}`)
    expect(response.status).toBe(403)
    expect(await response.text()).toContain('name="act" value="wide"')
  })

  test('draws the gaps of the window', async () => {
    lab.world.sources = lab.world.sources.map((one) =>
      Object.assign({}, one, {
        source: 'gw',
        gaps: [{ fromUs: at(-1), toUs: at(1), reason: 'overrun', lost: 7 }],
      })
    )
    const text = await browser.text(`/lookup?ip=192.0.2.9&port=1&${noon}&tolerance=10s`)
    expect(text).toContain('url(#hatch)')
    expect(text).toContain('overrun')
    expect(text).toContain('7 lost')
  })
})
