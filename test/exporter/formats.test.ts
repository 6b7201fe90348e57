import { expect, test } from 'vitest'
import { textFormats } from '../../exporter/formats.ts'
import { readCells } from '../../lookup-api/csv.ts'
import { TextTable } from '../../model/text-table.ts'
import type { TestFlow } from '../store/flow-rows.ts'
import { batchWith, shapes } from './flows.ts'

function lines(format: string, flows: readonly TestFlow[], bootUs = 0): string[] {
  const batch = batchWith(flows, [])
  const form = textFormats[format]
  if (form === undefined) throw new Error(format)
  const leftOut: string[] = []
  const context = {
    bootUs,
    unknown: [],
    exporter: '163.1.3.221',
    leaveOut: (reason: string) => void leftOut.push(reason),
  }
  const text = flows.map((_, row) => form.lines(batch, row, context)).join('')
  return [...text.split(/\r?\n/).filter((line) => line !== ''), ...leftOut]
}

test('a line of flow-tools is what flow-import -f2 -m0xFF31EF read in 2009', () => {
  const endUs = 1_229_348_772_028_728
  const ping: TestFlow = {
    source: '10.16.207.250 0',
    destination: '18.7.22.83 0',
    protocol: 1,
    startUs: endUs - 444_000,
    endUs,
    packets: 1n,
    octets: 84n,
  }
  // The type of the echo request is known today, where it was 0 then.
  expect(lines('flow-tools', [ping], endUs - 585_028_000)).toEqual([
    '1229348772,28728000,585028,163.1.3.221,1,84,584584,585028,' +
      '10.16.207.250,18.7.22.83,0.0.0.0,0,0,0,2048,1,0,0',
  ])
})

test('one line for each view, and IPv6 is counted', () => {
  const all = lines('flow-tools', shapes)
  const ends = all
    .filter((line) => line.includes(','))
    .map((line) => line.split(','))
    .map((fields) => [fields.length, fields[8], fields[13], fields[9], fields[14]].join(' '))
  expect(ends).toEqual([
    '18 10.0.0.7 40000 198.51.100.9 443',
    '18 192.0.2.1 61284 198.51.100.9 443',
    '18 203.0.113.5 5555 192.0.2.1 80',
    '18 203.0.113.5 5555 10.0.0.8 8080',
    '18 10.0.0.1 1 10.0.0.2 2',
    '18 10.0.0.9 0 198.51.100.9 2048',
    '18 192.0.2.1 0 198.51.100.9 2048',
  ])
  expect(all.filter((line) => line === 'ipv6-in-flow-tools')).toHaveLength(2)
})

test('NDJSON and CSV are exact', () => {
  const [line = ''] = lines('ndjson', shapes)
  expect(line).toContain('"octet_delta_count":9007199254740993,')
  expect(line).toContain('"reverse_octet_delta_count":18446744073709551615,')
  expect(JSON.parse(line)).toMatchObject({
    source_address: '10.0.0.7',
    post_napt_source_transport_port: 61284,
    conntrack_mark: 0x80000001,
  })
  const head = textFormats['csv']?.head.trimEnd().split(',') ?? []
  const cells = lines('csv', shapes)[0]?.split(',') ?? []
  expect(cells).toHaveLength(head.length)
  expect(cells[head.indexOf('octet_delta_count')]).toBe('9007199254740993')
  expect(cells[head.indexOf('flow_start_microseconds')]).toMatch(/\.123456Z$/)
})

test('a name of a server is exact for programs, and no formula in a spreadsheet', () => {
  const names = ['=HYPERLINK("http://x")', '@SUM(1)', '+1-800', '-12.5', 'www.example.org']
  const [shape] = shapes
  if (shape === undefined) throw new Error('no flow')
  const texts = new TextTable()
  const hostName = Uint32Array.from(names, (name) => texts.numberOf(name))
  const batch = batchWith(Array(names.length).fill(shape), [])
  const named = { ...batch, texts, extras: { ...batch.extras, hostName } }
  const context = { bootUs: 0, unknown: [], exporter: '163.1.3.221', leaveOut: () => {} }
  const cellsOf = (format: string): string[] => {
    const form = textFormats[format]
    const at = form?.head.trimEnd().split(',').indexOf('host_name') ?? -1
    return names.map((_, row) => {
      const line = form?.lines(named, row, context).trimEnd() ?? ''
      return readCells(line)?.[at] ?? ''
    })
  }
  expect(cellsOf('csv')).toEqual(names)
  const [link, sum, phone, ...rest] = names
  expect(cellsOf('csv-sheet')).toEqual([`'${link}`, `'${sum}`, `'${phone}`, ...rest])
})
