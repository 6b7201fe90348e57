import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { serviceManager } from '../../cli/service-manager.ts'
import { skipPostgres } from '../postgres.ts'
import { programMissing, skipUnless } from '../skip.ts'
import { until } from '../until.ts'
import { startFlowledger } from './run-flowledger.ts'

/** A real notify socket: Node has no datagrams of this family, so Python holds it. */
const listener = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1].replace('@', '\\0', 1))
print('bound', flush=True)
while True: print(s.recv(4096).decode().replace('\\n', ' '), flush=True)
`

const endings: (() => void)[] = []
afterEach(() => {
  for (const end of endings.splice(0)) end()
})

async function listen(path: string): Promise<{ lines: () => string[] }> {
  const child = spawn('python3', ['-c', listener, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  endings.push(() => child.kill())
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
  await until(() => text.includes('bound'))
  return { lines: () => text.split('\n').slice(1, -1) }
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'flowledger-notify-'))
  // The embedded server's user passes through.
  chmodSync(path, 0o711)
  endings.push(() => rmSync(path, { recursive: true, force: true }))
  return path
}

const fail = (errno: number): never => {
  throw new Error(`errno ${errno}`)
}

/** EAGAIN: who reads stands still, and ten messages wait (net.unix.max_dgram_qlen). */
const isFull = (errno: number): boolean => errno === 11

describe.skipIf(skipUnless('program', programMissing('python3')))('sd_notify', () => {
  test('by path and by abstract name; children inherit nothing', async () => {
    for (const path of [join(folder(), 'notify'), `@flowledger-test-${process.pid}`]) {
      const { lines } = await listen(path)
      const env = { NOTIFY_SOCKET: path, WATCHDOG_USEC: '20000', WATCHDOG_PID: `${process.pid}` }
      // On a busy machine the watchdog is fed faster than it eats.
      const manager = serviceManager(env, (errno) => isFull(errno) || fail(errno))
      expect(env).toEqual({})
      manager.reloading()
      manager.ready()
      await until(() => lines().filter((line) => line === 'WATCHDOG=1').length > 2)
      manager.stopping()
      manager.close()
      await until(() => lines().some((line) => line.startsWith('STOPPING=1')))
      expect(lines()[0]).toMatch(/^RELOADING=1 MONOTONIC_USEC=\d+ /)
      expect(lines()[1]).toMatch(/^READY=1 /)
    }
  })

  test('a socket that is gone is said, none and a watchdog of another process are nothing', () => {
    const errors: number[] = []
    const gone = join(folder(), 'gone')
    serviceManager({ NOTIFY_SOCKET: gone }, (errno) => errors.push(errno)).ready()
    serviceManager({ NOTIFY_SOCKET: 'relative' }, (errno) => errors.push(errno)).ready()
    serviceManager({ WATCHDOG_USEC: '5000', WATCHDOG_PID: '1' }, fail).ready()
    expect(errors).toEqual([2])
  })

  test.skipIf(skipPostgres)('the program tells start, reload, watchdog and end', async () => {
    const home = folder()
    const { lines } = await listen(join(home, 'notify'))
    const child = startFlowledger(
      ['serve', '--data-dir', join(home, 'data'), '--listen', '127.0.0.1:0'],
      { NOTIFY_SOCKET: join(home, 'notify'), WATCHDOG_USEC: '200000' }
    )
    const ended = new Promise((resolve) => child.on('close', resolve))
    const said = (word: string, times = 1): Promise<void> =>
      until(() => lines().filter((line) => line.startsWith(word)).length >= times)
    await said('READY=1')
    await said('WATCHDOG=1', 2)
    child.kill('SIGHUP')
    await said('READY=1', 2)
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    const order = lines().map((line) => line.split('=')[0])
    expect(order.filter((word) => word !== 'WATCHDOG')).toEqual([
      'READY',
      'RELOADING',
      'READY',
      'STOPPING',
    ])
  })
})
