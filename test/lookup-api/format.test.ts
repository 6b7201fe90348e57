import { describe, expect, test } from 'vitest'
import { answer } from '../../lookup-api/answer.ts'
import type { Answer } from '../../lookup-api/contract.ts'
import { csvLine, readCsv, sheetLine } from '../../lookup-api/csv.ts'
import { exitCodeOf, formatAnswer } from '../../lookup-api/format.ts'
import { asker, at, liveSource, makeWorld, slice } from './world.ts'
import type { World } from './world.ts'

const ask = (world: World, more = {}): Promise<Answer> =>
  answer(
    { ip: '192.0.2.1', port: '2000', at: '2026-03-01T12:00:00Z', ...more },
    world.dependencies,
    asker
  )

const two = (): World =>
  makeWorld({
    slices: [
      slice(-60, 60, { flowId: 1n }),
      slice(-50, 50, { flowId: 2n, inside: '10.0.0.2 1000', remote: '203.0.113.9 80' }),
    ],
  })

describe('as a table', () => {
  test('several hosts', async () => {
    const lines = formatAnswer(await ask(two()), 'table').split('\n')
    expect(lines[0]).toBe('192.0.2.1:2000 at 2026-03-01T12:00:00.000Z +/- 1 s')
    expect(lines[1]).toBe('Verdict: multiple')
    expect(lines).toContain(
      '1     10.0.0.1:1000  192.0.2.1:2000  198.51.100.1:443  tcp       ' +
        '2026-03-01T11:59:00.000Z  2026-03-01T12:01:00.000Z  gw'
    )
    expect(lines).toContain('Coverage: complete')
    expect(lines).toContain('Audit entry: 1')
    expect(lines.at(-1)).toBe('')
  })

  test('near misses stand apart', async () => {
    const text = formatAnswer(await ask(two(), { destination_ip: '198.51.100.1' }), 'table')
    expect(text).toContain('towards 198.51.100.1')
    const [answered = '', near = ''] = text.split('Not answered, near misses:')
    expect(answered).toContain('10.0.0.1:1000')
    expect(answered).not.toContain('10.0.0.2')
    expect(near).toContain('10.0.0.2:1000')
  })

  test('gaps and open ends', async () => {
    const world = makeWorld({
      slices: [slice(-60, 60, { flags: 1 })],
      sources: [liveSource({ gaps: [{ fromUs: at(0), toUs: at(1), reason: 'overrun', lost: 9 }] })],
    })
    const text = formatAnswer(await ask(world), 'table')
    expect(text).toContain('after 2026-03-01T12:01:00.000Z')
    expect(text).toContain('overrun, 9 lost')
  })

  test('colours only where they are asked for', async () => {
    const said = await ask(two())
    expect(formatAnswer(said, 'table', { colour: true })).toContain('\u001b')
    expect(formatAnswer(said, 'table')).not.toContain('\u001b')
  })
})

test('as CSV, a line a candidate', async () => {
  const lines = [...readCsv(formatAnswer(await ask(two()), 'csv'))].map(({ cells }) => cells ?? [])
  const [header = [], ...rows] = lines
  expect(rows).toHaveLength(2)
  for (const row of rows) expect(row).toHaveLength(header.length)
  expect(rows.map((row) => row[header.indexOf('inside_ip')])).toEqual(['10.0.0.1', '10.0.0.2'])
  expect(rows[0]?.[header.indexOf('record')]).toBe('gw/1@2026-03-01T11:59:00.000Z')
})

test('as CSV without candidates, a line with the verdict', async () => {
  const lines = [...readCsv(formatAnswer(await ask(makeWorld()), 'csv'))]
  const [header = [], row = []] = lines.map(({ cells }) => cells ?? [])
  expect(row).toHaveLength(header.length)
  expect(row[0]).toBe('no-match')
  expect(row[header.indexOf('audit_id')]).toBe('1')
})

test('as JSON, the body of the API', async () => {
  const said = await ask(two())
  expect(JSON.parse(formatAnswer(said, 'json'))).toEqual(said)
})

test('exit codes', async () => {
  expect(exitCodeOf(await ask(two()))).toBe(0)
  expect(exitCodeOf(await ask(makeWorld()))).toBe(1)
  expect(exitCodeOf(await ask(makeWorld({ sources: [] })))).toBe(5)
})

test('nothing that strangers name runs as a formula in a spreadsheet', () => {
  const cells = ['=cmd|calc', '@x', '+a', '-1+1', '\t=1', '-1.5', '+49', '10.0.0.1', '', 'a=b']
  const [line] = readCsv(sheetLine(cells))
  expect(line?.cells).toEqual([
    "'=cmd|calc",
    "'@x",
    "'+a",
    "'-1+1",
    "'\t=1",
    '-1.5',
    '+49',
    '10.0.0.1',
    '',
    'a=b',
  ])
})

test('what is written as CSV is read back', () => {
  const cells = ['plain', 'with, comma', 'with "quotes"', '', ' spaces ']
  expect([...readCsv(csvLine(cells))]).toEqual([{ line: 1, cells }])
  expect([...readCsv('a,"b"c\n\n"open\nd,e')]).toEqual([
    { line: 1, cells: undefined },
    { line: 3, cells: undefined },
    { line: 4, cells: ['d', 'e'] },
  ])
})
