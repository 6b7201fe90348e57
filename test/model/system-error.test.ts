import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { systemProblem } from '../../model/system-error.ts'

function failureOf(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

test('says what the system means, where, and what to do', async () => {
  expect(systemProblem(failureOf(() => readFileSync('/none/such')))).toEqual({
    text: '/none/such: there is no such file or folder (ENOENT).',
    fix: 'Check the name.',
  })
  const folder = failureOf(() => readFileSync(tmpdir()))
  expect(systemProblem(folder, 'letter.eml')?.text).toBe('letter.eml: it is a folder (EISDIR).')
  const first = createServer().listen(0, '127.0.0.1')
  await once(first, 'listening')
  const { port } = first.address() as AddressInfo
  const [taken] = await once(createServer().listen(port, '127.0.0.1'), 'error')
  first.close()
  expect(systemProblem(taken)?.text).toBe(
    `127.0.0.1:${port}: another program listens there (EADDRINUSE).`
  )
})

test('leaves alone what it does not know', () => {
  expect(systemProblem(new Error('of ours'))).toBeUndefined()
  expect(systemProblem('text')).toBeUndefined()
})
