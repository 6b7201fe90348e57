import { expect, test } from 'vitest'
import { FlowledgerError } from '../../model/errors.ts'
import { readLookup } from '../../lookup-api/query.ts'
import type { LookupInput } from '../../lookup-api/query.ts'
import { at } from './world.ts'

const question: LookupInput = { ip: '192.0.2.1', port: '2000', at: '2026-03-01T12:00:00Z' }

function failure(input: LookupInput): FlowledgerError {
  try {
    readLookup(input, at(1800))
  } catch (error) {
    if (error instanceof FlowledgerError) return error
    throw error
  }
  throw new Error('the question was read')
}

test.each<[LookupInput, string]>([
  [{ ip: '' }, 'ip'],
  [{ ip: '1.2.3' }, 'ip'],
  [{ port: '65536' }, 'port'],
  [{ port: '-1' }, 'port'],
  [{ port: '080' }, 'port'],
  [{ protocol: 'tcpp' }, 'protocol'],
  [{ protocol: '256' }, 'protocol'],
  [{ at: '' }, 'at'],
  [{ at: 'noon' }, 'at'],
  [{ tolerance: '2 days' }, 'tolerance'],
  [{ tolerance: '25h' }, 'tolerance'],
  [{ tolerance: '-5' }, 'tolerance'],
  [{ destination_ip: 'host.example' }, 'destination_ip'],
  [{ destination_port: 'http' }, 'destination_port'],
  [{ case: 'x'.repeat(201) }, 'case'],
  [{ purpose: 'a\u001b[31mb' }, 'purpose'],
])('%j is refused by its name', (bad, field) => {
  const error = failure({ ...question, ...bad })
  expect(error.details['field']).toBe(field)
  expect(error.exitCode).toBe(2)
})

test.each<[LookupInput, from: number, to: number]>([
  [{}, -1, 1],
  [{ tolerance: '0' }, 0, 0],
  [{ tolerance: '1.5' }, -1.5, 1.5],
  [{ tolerance: '2m' }, -120, 120],
  [{ tolerance: '1h' }, -3600, 1800],
  [{ at: '2026-03-01T12:00Z' }, -60, 60],
  [{ at: '2026-03-01T12:00:00.000Z' }, -0.001, 0.001],
])('the window of %j', (more, from, to) => {
  const { fromUs, toUs } = readLookup({ ...question, ...more }, at(1800))
  expect([fromUs, toUs]).toEqual([at(from), at(to)])
})

test('blank fields are fields left out', () => {
  const query = readLookup({ ...question, port: ' ', protocol: '', destination_ip: '' }, at(1800))
  expect(query).not.toHaveProperty('port')
  expect(query).not.toHaveProperty('protocol')
  expect(query).not.toHaveProperty('destination')
})

test.each([
  ['tcp', 6],
  ['TCP', 6],
  ['udplite', 136],
  ['udp-lite', 136],
  ['ipv6-icmp', 58],
  ['gre', 47],
  ['dccp', 33],
  ['0', 0],
  ['255', 255],
])('the protocol %s is %d', (protocol, number) => {
  expect(readLookup({ ...question, protocol }, at(1800)).protocol).toBe(number)
})
