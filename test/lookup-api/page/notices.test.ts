import { beforeAll, describe, expect, test } from 'vitest'
import { markWords } from '../../../lookup-api/page/notices/marked.ts'
import { skipPostgres } from '../../postgres.ts'
import { useAccessLab } from '../access-lab.ts'
import { FormBrowser } from './browser.ts'

const letter = (time: string): string =>
  `Dear provider,\r\n\r\nIP: 192.0.2.1\r\nSource port: 3000\r\nTime of attack: ${time}\r\n`

test('what was understood is marked, longer words first, each once', () => {
  expect(markWords('at 12:80 port 80', ['80', '12:80'])).toEqual([
    { text: 'at ', isMarked: false },
    { text: '12:80', isMarked: true },
    { text: ' port ', isMarked: false },
    { text: '80', isMarked: true },
  ])
  expect(markWords('nothing', ['', 'x'])).toEqual([{ text: 'nothing', isMarked: false }])
})

describe.skipIf(skipPostgres)('the page of notices', () => {
  const lab = useAccessLab()
  let browser: FormBrowser
  let csrf = ''
  beforeAll(async () => {
    browser = new FormBrowser(lab)
    await browser.logIn(await lab.token({ role: 'investigator', person: 'Ines' }))
    csrf = await browser.csrf()
  })
  const asked = async (): Promise<number> =>
    (await lab.audit()).filter(({ action }) => action === 'lookup').length
  const send = async (fields: Record<string, string>): Promise<string> =>
    await (await browser.post('/notices', { csrf, ...fields })).text()

  test('shows what it read beside its words before anybody is asked for', async () => {
    const before = await asked()
    const text = await send({ text: letter('2026-03-01T12:00:00Z'), step: 'read' })
    expect(text).toContain('<mark>192.0.2.1</mark>')
    expect(text).toContain('<mark>3000</mark>')
    expect(text).toContain('2026-03-01 12:00:00 UTC')
    expect(text).toContain('Look up every claim')
    expect(await asked()).toBe(before)
  })

  test('asks for what is missing or in doubt, with what can be chosen', async () => {
    const text = await send({ text: letter('2026-03-01 12:00:00'), step: 'read' })
    expect(text).toContain('needs you')
    expect(text).toMatch(/<input type="radio" name="at" value="2026-03-01T/)
    const without = await send({ text: 'IP: 192.0.2.1\nTime: 2026-03-01T12:00:00Z', step: 'read' })
    expect(without).toMatch(/Port<\/dt><dd><span class="chip unsure">missing/)
  })

  test('answers every claim and opens a case, from the very message that was read', async () => {
    const read = await send({ text: letter('2026-03-01T12:00:00Z'), step: 'read' })
    const message = /name="message" value="([^"]+)"/.exec(read)?.[1] ?? ''
    const before = await asked()
    const text = await send({ message, reference: 'new', step: 'look-up' })
    expect(await asked()).toBe(before + 1)
    expect(text).toContain('10.0.0.3:1000 had 192.0.2.1:3000')
    const [, id = ''] = /href="\/cases\/(\d+)"/.exec(text) ?? []
    const file = await browser.text(`/cases/${id}`)
    expect(file).toContain('notice')
    // What was typed, with the line ends that were typed.
    const sent = Buffer.from(letter('2026-03-01T12:00:00Z').replaceAll('\r\n', '\n'))
    expect(Buffer.from(message, 'base64').equals(sent)).toBe(true)
  })

  test('takes a mail as a file, whatever it is called', async () => {
    const form = new FormData()
    const mail = `From: a@example.net\r\nSubject: x\r\n\r\n${letter('2026-03-01T12:00:00Z')}`
    form.set('csrf', csrf)
    form.set('step', 'read')
    form.set('text', '')
    form.set('file', new File([mail], '"><script>alert(1)</script>.eml', { type: 'text/html' }))
    const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ')
    const headers = { Origin: lab.url, Cookie: cookie }
    const response = await fetch(`${lab.url}/notices`, { method: 'POST', body: form, headers })
    const text = await response.text()
    expect(response.status).toBe(200)
    expect(text).toContain('<mark>192.0.2.1</mark>')
    expect(text).toContain('a@example.net (not verified)')
    expect(text).not.toContain('<script>alert')
  })

  test('writes out scripts in a letter, and says where there is nothing to look up', async () => {
    const script = '<script>alert(1)</script>'
    const text = await send({ text: `IP: 192.0.2.1 ${script}\nPort: 3000`, step: 'read' })
    expect(text).toContain('&lt;script&gt;')
    expect(text).not.toContain(script)
    expect(await send({ text: 'Hello.', step: 'read' })).toContain('Nothing was found')
    const zone = await browser.post('/notices', {
      csrf,
      text: 'x',
      zone: 'Mars/Base',
      step: 'read',
    })
    expect(zone.status).toBe(400)
    expect(await zone.text()).toContain('href="#zone"')
  })
})
