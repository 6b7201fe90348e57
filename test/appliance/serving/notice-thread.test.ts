import { afterEach, describe, expect, test } from 'vitest'
import { NoticeThread } from '../../../appliance/serving/notice-thread.ts'
import { readMessage } from '../../../lookup-api/notices/read.ts'

const settings = { nowUs: Date.UTC(2026, 10, 20) * 1000 }
const small = Buffer.from('IP address: 192.0.2.4\nPort: 4711\nTime: 2026-03-01 10:00:00 UTC\n')

/** A mail of about so many mebibytes, in lines that each have to be looked at. */
function large(mebibytes: number): Buffer {
  const line = '203.0.113.9 said 12:34:56 that nothing of it is a claim, and went on and on.\n'
  const head = 'From: a@example.org\nTo: b@example.net\nContent-Type: text/plain\n\n'
  return Buffer.from(head + line.repeat((mebibytes << 20) / line.length))
}

describe('notices in a thread of their own', () => {
  let thread: NoticeThread

  afterEach(() => thread.stop())

  test('are read as elsewhere, one after the other', async () => {
    thread = new NoticeThread()
    const other = Buffer.from('lunch?')
    const [a, b] = await Promise.all([
      thread.read(small, settings, 'text/plain'),
      thread.read(other, settings, ''),
    ])
    expect(a).toEqual(await readMessage(small, settings, 'text/plain'))
    expect(b).toEqual(await readMessage(other, settings))
  })

  test('one that takes too long is given up, and the next one is read', async () => {
    thread = new NoticeThread({ mostMs: 5 })
    const { notices, why } = await thread.read(large(20), settings, '')
    expect(notices).toEqual([])
    expect(why).toBe('No notice was read. Reading it took more than 0.005 s.')
    await thread.stop()
    thread = new NoticeThread()
    expect((await thread.read(small, settings, '')).notices).toHaveLength(1)
  })

  test('one that takes too much memory is given up, and the next one is read', async () => {
    thread = new NoticeThread({ mostMegabytes: 24 })
    const line = Buffer.alloc(24 << 20, 'a sentence without an end ')
    const { notices, why } = await thread.read(line, settings, '')
    expect(notices).toEqual([])
    expect(why).toMatch(/more memory than it may|Reading it was ended/)
    expect((await thread.read(small, settings, '')).notices).toHaveLength(1)
  })

  test('too many that wait are sent away, the others are read', async () => {
    thread = new NoticeThread({ mostWaiting: 2 })
    const all = await Promise.allSettled(
      Array.from({ length: 6 }, () => thread.read(small, settings, ''))
    )
    const read = all.filter(({ status }) => status === 'fulfilled')
    const away = all.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
    expect(read).toHaveLength(3)
    expect(away).toHaveLength(3)
    expect(away[0]).toMatchObject({ status: 429, headers: { 'Retry-After': '10' } })
  })

  test('this process goes on with its work meanwhile', async () => {
    thread = new NoticeThread()
    await thread.read(small, settings, '')
    // Turns of this loop while a mail is read: there, and here.
    const turns = async (read: Promise<unknown>): Promise<number> => {
      let count = 0
      const timer = setInterval(() => count++, 1)
      await read
      clearInterval(timer)
      return count
    }
    const mail = large(8)
    const beside = await turns(thread.read(mail, settings, ''))
    const here = await turns(readMessage(mail, settings))
    expect(beside).toBeGreaterThan(3 * here)
  })
})
