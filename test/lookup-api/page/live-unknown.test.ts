import { describe, expect, test } from 'vitest'
import { skipPostgres } from '../../postgres.ts'
import { useAccessLab } from '../access-lab.ts'
import { FormBrowser } from './browser.ts'

describe.skipIf(skipPostgres)('the page of what nothing recognised', () => {
  const lab = useAccessLab()

  test('shows those alike in one row, to who may list flows, and the audit knows', async () => {
    const browser = new FormBrowser(lab)
    await browser.logIn(await lab.token({ role: 'investigator', person: 'Ines' }))
    const text = await browser.text('/live/unknown')
    expect(text).toMatch(/<th[^>]*class="number"[^>]*>3<\/th><td>UDP<\/td><td>31999<\/td>/)
    expect(text).toContain('8 to 9 octets <code>f7 e3 .. 00</code>')
    expect(text).toContain('<code>10.0.0.7:40000 198.51.100.1:31999</code>')
    expect(text).toMatch(/href="\/live\/unknown" aria-current="page"/)
    expect((await lab.audit()).map(({ action }) => action)).toContain('live')

    const auditor = new FormBrowser(lab)
    await auditor.logIn(await lab.token({ role: 'auditor', person: 'Arno' }))
    expect((await auditor.get('/live/unknown')).status).toBe(403)
  })
})
