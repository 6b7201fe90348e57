import { beforeAll, describe, expect, test } from 'vitest'
import { skipPostgres } from '../../postgres.ts'
import { useAccessLab } from '../access-lab.ts'
import { FormBrowser } from './browser.ts'

describe.skipIf(skipPostgres)('the pages of cases and approvals', () => {
  const lab = useAccessLab()
  let ines: FormBrowser
  let ada: FormBrowser
  let csrf = ''
  beforeAll(async () => {
    ines = new FormBrowser(lab)
    await ines.logIn(await lab.token({ role: 'investigator', person: 'Ines' }))
    csrf = await ines.csrf()
    ada = new FormBrowser(lab)
    await ada.logIn(await lab.token({ role: 'approver', person: 'Ada' }))
  })

  async function open(title: string): Promise<string> {
    const response = await ines.post('/cases', { csrf, title })
    expect(response.status).toBe(303)
    return response.headers.get('Location') ?? ''
  }
  const versionOf = (text: string): string => /name="version" value="(\d+)"/.exec(text)?.[1] ?? ''

  test('a case is opened, written to, given a deadline and closed', async () => {
    const path = await open('Letter of the publisher')
    const act = async (part: string, fields: Record<string, string>): Promise<void> => {
      const version = versionOf(await ines.text(path))
      const response = await ines.post(path + part, { csrf, version, ...fields })
      expect([part, response.status]).toEqual([part, 303])
    }
    await act('/notes', { text: 'Called them.\r\nThey will call back.' })
    await act('/decisions', { decision: 'forward', reason: 'as agreed' })
    await act('/deadlines', { preset: 'e-evidence-10d', from: '' })
    await act('/deadlines', { name: 'Ring up', due: '2027-01-01T00:00:00Z' })
    const text = await ines.text(path)
    expect(text).toContain('Called them.\nThey will call back.')
    expect(text).toContain('<b>forward</b> as agreed')
    expect(text).toContain('Answer a European Production Order')
    const [, met = ''] = /(\/deadlines\/\d+\/met)/.exec(text) ?? []
    await act(met, {})
    await act('/status', { status: 'closed', reason: 'done' })
    expect(await ines.text(path)).not.toContain('Add the note')
    expect(await ines.text('/cases?status=closed')).toContain('Letter of the publisher')
    const exported = await ines.get(`${path}/export?form=json`)
    expect(exported.headers.get('Content-Disposition')).toMatch(/^attachment; filename="case-/)
  })

  test('two tabs: the second is told, and nothing that was written is lost', async () => {
    const path = await open('Two tabs')
    const seen = versionOf(await ines.text(path))
    const first = await ines.post(`${path}/notes`, { csrf, version: seen, text: 'from the first' })
    expect(first.status).toBe(303)
    const second = await ines.post(`${path}/notes`, {
      csrf,
      version: seen,
      text: 'a long text </textarea><script>of the second</script>',
    })
    expect(second.status).toBe(409)
    const text = await second.text()
    expect(text).toContain('somebody else changed it')
    expect(text).toContain('from the first')
    const kept =
      'a long text &lt;/textarea&gt;&lt;script&gt;of the second&lt;/script&gt;</textarea>'
    expect(text).toContain(kept)
    const now = versionOf(text)
    expect(Number(now)).toBeGreaterThan(Number(seen))
    const again = await ines.post(`${path}/notes`, { csrf, version: now, text: 'of the second' })
    expect(again.status).toBe(303)
    const both = await ines.text(path)
    expect(both).toContain('from the first')
    expect(both).toContain('of the second')
  })

  test('a hold is placed from a case, listed, and released', async () => {
    const path = await open('Keep it')
    const hold = {
      csrf,
      address: '192.0.2.1',
      port: '3000',
      from: '2026-03-01T11:00:00Z',
      to: '2026-03-01T13:00:00Z',
      reason: 'order 12',
      expires: '',
    }
    expect((await ines.post(`${path}/holds`, hold)).status).toBe(303)
    const listed = await ines.text('/holds')
    expect(listed).toContain('192.0.2.1 port 3000')
    const [, release = ''] = /action="(\/holds\/\d+\/release)"/.exec(listed) ?? []
    const released = await ines.post(release, { csrf, reason: 'withdrawn', approval: '' })
    expect(released.headers.get('Location')).toBe(path)
    expect(await ines.text('/holds')).toContain('Nothing is held.')
    expect(await ines.text('/holds?state=ended')).toContain('withdrawn')
  })

  test('what people write is shown as they wrote it, and runs nowhere', async () => {
    const script = '<script>alert(document.cookie)</script>'
    const path = await open(script)
    const version = versionOf(await ines.text(path))
    await ines.post(`${path}/decisions`, { csrf, version, decision: script, reason: script })
    for (const place of [path, '/cases']) expect(await ines.text(place)).not.toContain(script)
  })

  test('forged numbers, cursors and statuses are refused as pages', async () => {
    for (const [path, status] of [
      ['/cases/0', 404],
      ['/cases/99999999', 404],
      ['/cases?cursor=forged', 400],
      ['/cases?status=none', 400],
      ['/approvals?cursor=forged', 400],
      ['/reports/none', 404],
      ['/reports/traffic?from=-9000d', 400],
      ['/reports/traffic?limit=1e9', 400],
      ['/sources/exporters/%3Cscript%3E', 404],
    ] as const) {
      const response = await ines.get(path)
      expect([path, response.status]).toEqual([path, status])
      expect(response.headers.get('Content-Type')).toBe('text/html; charset=utf-8')
    }
  })

  test('two persons: one asks from the answer, the other approves, the first asks again', async () => {
    lab.rule({ secondPerson: ['wide'] })
    const question = { ip: '192.0.2.1', at: '2026-03-01T12:00:00Z', tolerance: '1s' }
    const asking = await ines.get(`/lookup?${new URLSearchParams(question).toString()}`)
    expect(asking.status).toBe(403)
    const wish = { csrf, act: 'wide', ...question, reason: 'court order 7' }
    const asked = await ines.post('/approvals', wish)
    expect(asked.headers.get('Location')).toBe('/approvals?scope=mine')
    expect(await ines.text('/approvals?scope=mine')).toContain('court order 7')
    const waiting = await ada.text('/approvals')
    expect(waiting).toContain('court order 7')
    const [, id = '', adaCsrf = ''] = [
      '',
      /action="\/approvals\/(\d+)"/.exec(waiting)?.[1],
      /name="csrf" value="([\w-]+)"/.exec(waiting)?.[1],
    ]
    const own = await ines.post(`/approvals/${id}`, { csrf, decision: 'approve' })
    expect(own.status).toBe(403)
    const decision = { csrf: adaCsrf, decision: 'approve', note: 'seen' }
    expect((await ada.post(`/approvals/${id}`, decision)).status).toBe(303)
    const mine = await ines.text('/approvals?scope=mine')
    const [, href = ''] = /href="(\/lookup\?[^"]+approval=\d+)"/.exec(mine) ?? []
    const answered = await ines.get(href.replaceAll('&amp;', '&'))
    expect(answered.status).toBe(200)
    expect(await answered.text()).toContain('hosts had 192.0.2.1')
    lab.rule({})
  })

  test('an approver who may not look up comes to what they may see', async () => {
    expect((await ada.get('/home')).headers.get('Location')).toBe('/cases')
    expect((await ada.get('/lookup?ip=192.0.2.1&at=now')).status).toBe(403)
    expect(await ada.text('/cases')).not.toContain('href="/lookup"')
  })
})
