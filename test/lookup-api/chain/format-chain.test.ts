import { expect, test } from 'vitest'
import { answer } from '../../../lookup-api/answer.ts'
import type { Answer } from '../../../lookup-api/contract.ts'
import { readCsv } from '../../../lookup-api/csv.ts'
import { formatAnswer } from '../../../lookup-api/format.ts'
import { makeWorld, slice } from '../world.ts'
import { desk, holding, investigator, makePeople, neighbour } from './people.ts'

const mac = '00:11:22:33:44:aa'

function ask(by = investigator, ...people: Parameters<typeof makePeople>): Promise<Answer> {
  const world = makeWorld({ slices: [slice(-60, 60)] })
  const question = { ip: '192.0.2.1', port: '2000', at: '2026-03-01T12:00:00Z' }
  return answer(question, { ...world.dependencies, ...makePeople(...people) }, by)
}

const laptop = holding(-60, 60, { device: { mac, hostname: 'laptop' } })
const row = (said: Answer): Record<string, string> => {
  const [header = [], cells = []] = [...readCsv(formatAnswer(said, 'csv'))].map((one) => one.cells)
  return Object.fromEntries((header ?? []).map((name, i) => [name, cells?.[i] ?? '']))
}

test('the chain stands under the table, and in columns', async () => {
  const said = await ask(investigator, [laptop], [{ id: '1001', keys: [['mac', mac]] }])
  const text = formatAnswer(said, 'table')
  expect(text).toContain(
    '1: subscriber 1001 Name of 1001, device 00:11:22:33:44:aa (laptop) (exact)'
  )
  expect(text).toContain('device, exact: 10.0.0.1 was leased to 00:11:22:33:44:aa.')
  expect(row(said)).toMatchObject({
    identity: 'resolved',
    mac,
    host_name: 'laptop',
    subscriber: '1001',
    chain: 'exact',
  })
})

test('of several, all', async () => {
  const other = '00:11:22:33:44:bb'
  const said = await ask(investigator, [laptop, neighbour(-50, 50, other)])
  expect(formatAnswer(said, 'table')).toContain('1: not told apart (conflict).')
  expect(row(said)).toMatchObject({ identity: 'ambiguous', mac: `${other} ${mac}` })
})

test('what is withheld says so, and what is not connected says nothing', async () => {
  expect(formatAnswer(await ask(desk, [laptop]), 'table')).toContain(
    '1: withheld. It needs the right'
  )
  const world = makeWorld({ slices: [slice(-60, 60)] })
  const question = { ip: '192.0.2.1', port: '2000', at: '2026-03-01T12:00:00Z' }
  const said = await answer(question, world.dependencies, investigator)
  expect(formatAnswer(said, 'table')).not.toContain('Who:')
})

test('a host name cannot speak to the terminal', async () => {
  const said = await ask(investigator, [
    holding(-60, 60, { device: { mac, hostname: '\u001b]0;x\u0007pc' } }),
  ])
  expect(formatAnswer(said, 'table')).not.toMatch(/(?!\n)\p{Cc}/u)
})
