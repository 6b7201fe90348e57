import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '../../lookup-api/contract.ts'
import type { Report, ReportTable } from '../../lookup-api/reports/contract.ts'
import { labMissing } from '../lab/gateway-lab.ts'
import { skipUnless } from '../skip.ts'
import { chromiumMissing, startChromium } from './chromium.ts'
import type { RunningBrowser } from './chromium.ts'
import {
  focusedText,
  foreignElements,
  loadedOctets,
  seriesPixels,
  moreRowsThan,
  octetsBehind,
  overWidth,
  paperColour,
  textBehind,
} from './in-page.ts'
import { walkByKeyboard } from './keyboard.ts'
import { makePageLab } from './page-lab.ts'
import type { PageLab } from './page-lab.ts'
import { makePerson } from './person.ts'
import type { Person } from './person.ts'
import { places, reportNames } from './places.ts'
import { unchanged } from './unchanged.ts'

/**
 * The pages in Debian's Chromium, over what a real gateway saw: connections through its NAT,
 * leases, a directory, first packets and NetFlow.
 */

const skip = skipUnless('browser', chromiumMissing()) || skipUnless('kernel', labMissing())

/** What attackers call themselves: it is in names of servers, user agents, files and letters. */
const hostile = '"><img src=x onerror=pwned=alert(1)><script>pwned=alert(2)</script>'

describe.skipIf(skip)('the pages in a browser', () => {
  let lab: PageLab
  let chromium: RunningBrowser
  let ines: Person
  let root: Person

  beforeAll(async () => {
    lab = await makePageLab()
    chromium = await startChromium(lab.namespace)
    ines = await makePerson(chromium.browser, lab, lab.tokens.ines)
    root = await makePerson(chromium.browser, lab, lab.tokens.root)
  })
  afterAll(async () => {
    await chromium?.close()
    await lab?.close()
  })

  const question = (): string => {
    const { ip, port, at } = lab.held
    return `ip=${ip}&port=${port}&at=${encodeURIComponent(at)}&protocol=tcp`
  }
  const api = async <T>(path: string): Promise<T> => JSON.parse(await lab.lab.request(path)) as T

  test('a look-up by the keyboard: what the API says, as a person reads it', async () => {
    const { page } = ines
    await ines.go('/lookup')
    await page.keyboard.press('Tab')
    expect(await page.evaluate<string>(focusedText)).toMatch(/^Skip/)
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.type(lab.held.ip)
    await page.keyboard.press('Tab')
    await page.keyboard.type(String(lab.held.port))
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.type(lab.held.at)
    await page.keyboard.press('Enter')
    await page.waitForSelector('.verdict')
    const asked = `/v1/lookup?${question().replace('&protocol=tcp', '')}`
    const see = async () => {
      await page.reload()
      const [word, host] = ['.verdict .word', '.host h3 code'].map((at) => page.textContent(at))
      return { word: await word, host: await host }
    }
    const [shown, said] = await unchanged(see, async () => {
      const { verdict, candidates } = await api<Answer>(asked)
      return { verdict, inside: candidates[0]?.inside.ip }
    })
    expect(shown.word).toBe(said.verdict)
    expect(shown.host).toContain(said.inside)
    expect(await page.textContent('.verdict h2')).toContain('10.77.0.2')
    // Its address is the question, without what was left empty, and can be shared.
    expect(new URL(page.url()).searchParams.get('port')).toBe(String(lab.held.port))
    expect(page.url()).not.toContain('destination_ip')
    expect(await page.locator('svg rect.watched').count()).toBe(1)
  })

  test('two persons: one asks for who it was, the other allows it, the first sees it', async () => {
    const { page } = ines
    await ines.go(`/lookup?${question()}`)
    expect(await page.textContent('.identity')).toContain('withheld')
    await page.fill('#reason-reveal', 'court order 7')
    await page.click('text=Ask another person')
    await page.waitForURL('**/approvals?scope=mine')
    expect(await page.textContent('main')).toContain('pending')
    const ada = await makePerson(chromium.browser, lab, lab.tokens.ada)
    await ada.go('/approvals')
    expect(await ada.page.textContent('main')).toContain('court order 7')
    expect(await ada.violations()).toEqual([])
    await ada.page.click('button[value=approve]')
    await ada.page.waitForSelector('text=Nobody waits for you.')
    expect(ada.complaints).toEqual([])
    await ada.context.close()
    await page.reload()
    await page.click('text=Ask with this approval')
    await page.waitForSelector('.verdict')
    expect(await page.textContent('.identity')).toContain('Anna Example')
    expect(await page.textContent('main')).toContain('ada@isp.example')
    expect(await ines.violations()).toEqual([])
  })

  test('a pasted letter: read, marked, looked up, and in a case', async () => {
    const { page } = ines
    const { ip, port, at } = lab.held
    await ines.go('/notices')
    await page.fill('#text', `Dear provider,\n\nIP: ${ip}\nSource port: ${port}\nTime: ${at}\n`)
    await page.click('text=Read it')
    await page.waitForSelector('.sighting')
    expect(await page.locator('mark').allTextContents()).toEqual([ip, String(port), at])
    expect(await ines.violations()).toEqual([])
    await page.click('text=Look up every claim')
    await page.waitForSelector('.verdict')
    expect(await page.textContent('.verdict')).toContain('10.77.0.2')
    expect(await ines.violations()).toEqual([])
    await page.click('text=open the case')
    await page.waitForSelector('.history')
    expect(await page.textContent('.history')).toContain('notice')
    expect(await ines.violations()).toEqual([])
  })

  test('by the keyboard alone: from a letter to a case, an approval and a report', async () => {
    const ada = await makePerson(chromium.browser, lab, lab.tokens.ada)
    await walkByKeyboard(ines, ada, lab.held)
    expect([...ines.complaints, ...ada.complaints]).toEqual([])
    await ada.context.close()
  })

  test('flows come up as they are classified, with what speaks for it, as text', async () => {
    const { page } = ines
    await ines.go('/live?filter=protocol+%3D%3D+http')
    await page.waitForSelector('text=Watching')
    const before = await page.locator('#live tbody tr').count()
    await lab.browse()
    await page.waitForFunction(moreRowsThan(before))
    const rows = await page.locator('#live tbody tr').allTextContents()
    expect(rows.every((row) => row.includes('http'))).toBe(true)
    expect(rows.join()).toContain('zoom.us')
    expect(await ines.go('/live?filter=protocol+%3D%3D')).toBe(400)
    expect(await page.textContent('#filter-error')).toMatch(/\d+:\d+/)
    expect(ines.complaints.splice(0).filter((one) => !one.includes('400'))).toEqual([])
  })

  test.each(['light', 'dark'] as const)(
    'every page, %s: no violation, no complaint',
    async (scheme) => {
      const { page } = ines
      await page.emulateMedia({ colorScheme: scheme })
      for (const [path, text] of places) {
        expect([path, await ines.go(path)]).toEqual([path, 200])
        expect(await page.textContent('main')).toContain(text)
        expect([path, await ines.violations()]).toEqual([path, []])
        const octets = await page.evaluate<number>(loadedOctets)
        expect([path, octets > 10_000 && octets <= 100_000, octets]).toEqual([path, true, octets])
      }
      await ines.go(`/lookup?${question()}`)
      expect(await ines.violations()).toEqual([])
      const paper = await page.evaluate<string>(paperColour)
      expect(paper).toBe(scheme === 'dark' ? 'rgb(20, 22, 21)' : 'rgb(252, 252, 250)')
      expect(ines.complaints).toEqual([])
    }
  )

  test('on a narrow screen nothing but tables and plots is wider than it', async () => {
    const { page } = ines
    await page.setViewportSize({ width: 340, height: 700 })
    for (const [path] of [...places, [`/lookup?${question()}`] as const]) {
      await ines.go(path)
      const over = await page.evaluate<number>(overWidth)
      expect([path, over]).toEqual([path, 0])
      expect([path, await ines.violations()]).toEqual([path, []])
    }
    await page.setViewportSize({ width: 1280, height: 900 })
  })

  test('without scripts the same is said and drawn', async () => {
    const plain = await makePerson(chromium.browser, lab, lab.tokens.root, {
      javaScriptEnabled: false,
    })
    await plain.go(`/lookup?${question()}`)
    expect(await plain.page.textContent('.verdict h2')).toContain('10.77.0.2')
    await plain.go('/reports/traffic?from=-1h')
    expect(await plain.page.locator('figure.plot path.line').count()).toBeGreaterThan(0)
    await plain.go('/live')
    expect(await plain.page.locator('#live tbody tr').count()).toBeGreaterThan(0)
    expect(plain.complaints).toEqual([])
    await plain.context.close()
  })

  test('scripts in names of servers, letters, files and cases are text on every page', async () => {
    const { page } = ines
    await lab.browse([hostile, `x.${hostile}`])
    await ines.go('/cases')
    await page.fill('#title', hostile)
    await page.click('.open-case button')
    await page.waitForSelector('.history')
    const opened = new URL(page.url()).pathname
    await page.fill('textarea[name=text]', hostile)
    await page.click('text=Add the note')
    await page.waitForSelector('.history .chip:text-is("note")')
    await ines.go('/notices')
    const file = { name: `${hostile}.eml`, mimeType: 'message/rfc822' }
    const letter = `Subject: ${hostile}\r\n\r\nIP: ${lab.held.ip}\r\nHost: ${hostile}\r\n`
    await page.setInputFiles('#file', { ...file, buffer: Buffer.from(letter) })
    await page.click('text=Read it')
    await page.waitForSelector('main h1')
    expect(await page.evaluate<number>(foreignElements)).toBe(0)
    const seen = [...places.map(([path]) => path), opened, '/cases?status=open']
    const talked = [`/live?filter=protocol+%3D%3D+http`, `/lookup?${question()}&purpose=${hostile}`]
    for (const path of [...seen, ...talked]) {
      await ines.go(path)
      expect([path, await page.evaluate<number>(foreignElements)]).toEqual([path, 0])
    }
    await ines.go('/live')
    await page.waitForSelector('#live :text("onerror=pwned")')
    expect(await page.evaluate<number>(foreignElements)).toBe(0)
    expect(ines.complaints).toEqual([])
  })

  test('names from leases and servers are shown and never run; forged questions are refused', async () => {
    const { page } = root
    for (const [path, status] of [
      ['/flows?cursor=forged', 400],
      ['/flows?from=0001-01-01T00:00:00Z&to=9999-12-31T00:00:00Z', 400],
      ['/devices?cursor=%27%3B--', 400],
      ['/lookup?ip=192.0.2.1&at=now&tolerance=9999d', 400],
      ['/reports/traffic?from=-90000d', 400],
    ] as const) {
      expect([path, await root.go(path)]).toEqual([path, status])
    }
    root.complaints.length = 0
    const holder = await api<Answer>(`/v1/lookup?${question()}`)
    expect(holder.candidates.length).toBe(1)
    await root.go('/sources/exporters/127.0.0.1')
    expect(await page.textContent('main')).toContain('could not be read')
    const capture = await page.evaluate<number[]>(octetsBehind('a[download]'))
    // The magic number of a capture, in either order of octets.
    expect([0xa1, 0xd4, 0x4d]).toContain(capture[0])
    expect(root.complaints).toEqual([])
  })

  // Last, since some of it is measured once a minute.
  test.each(reportNames)(
    'the report %s: a plot with lines in it, a table as the API has it',
    async (name) => {
      const { page } = root
      const path = `/reports/${name}?from=-1h`
      // What was collected is summed up as it is written: some of it a moment later.
      for (;;) {
        const { table } = await api<Report>(`/v1${path}`)
        if (table.rows.length > 0) break
        await lab.browse()
      }
      await root.go(path)
      await page.waitForSelector('figure.drawn canvas')
      expect(await page.evaluate<number>(seriesPixels)).toBeGreaterThan(10)
      // What the page says is what the API says of the very same time.
      const [from, to] = await page
        .locator('.facts time')
        .evaluateAll((times) => times.map((time) => time.getAttribute('datetime')))
      const asked = `/reports/${name}?from=${from}&to=${to}&step=1m`
      const table = async (): Promise<ReportTable> => (await api<Report>(`/v1${asked}`)).table
      const see = async () => {
        await root.go(asked)
        const heads = await page.locator('main .scroll thead th').allTextContents()
        const cells = await page.locator('main .scroll tbody tr > :first-child').allTextContents()
        const csv = await page.evaluate<string>(textBehind('a[href*="part=table"]'))
        return { heads, cells, lines: csv.trimEnd().split(/\r?\n/).length }
      }
      const [shown, said] = await unchanged(see, table)
      const [first] = said.columns
      expect(shown).toEqual({
        heads: said.columns.map(({ title }) => title),
        cells: said.rows.map((row) => String(row[first?.key ?? ''])),
        lines: said.rows.length + 1,
      })
      expect(await root.violations()).toEqual([])
    }
  )
})
