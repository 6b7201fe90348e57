import { describe, expect, test } from 'vitest'
import { flowMatcher } from '../../classifier/flow-ends.ts'
import type { Flow } from '../../classifier/flow.ts'
import { requireAddress } from '../../model/address.ts'

const flow = (client: string, clientPort: number, server: string, serverPort: number): Flow =>
  ({
    clientAddress: requireAddress(client),
    clientPort,
    serverAddress: requireAddress(server),
    serverPort,
  }) as Flow

const web = flow('10.0.0.7', 40_000, '198.51.100.1', 443)
const six = flow('2001:db8::7', 40_000, '2001:db8::1', 443)

describe('a flow by its ends', () => {
  test.each([
    ['10.0.0.7', true],
    ['198.51.100.1', true],
    ['198.51.100.1:443', true],
    ['10.0.0.7:443', false],
    ['10.0.0.7:40000 198.51.100.1:443', true],
    ['  198.51.100.1   10.0.0.7:40000 ', true],
    ['10.0.0.7 10.0.0.7', false],
    ['10.0.0.7 198.51.100.2', false],
  ])('%s', (text, isIt) => expect(flowMatcher(text)(web)).toBe(isIt))

  test('IPv6 however it is written', () => {
    expect(flowMatcher('2001:DB8:0::7')(six)).toBe(true)
    expect(flowMatcher('[2001:db8::1]:443 [2001:db8::7]:40000')(six)).toBe(true)
    expect(flowMatcher('[2001:db8::1]:80')(six)).toBe(false)
  })

  test('what is no end is refused', () => {
    expect(() => flowMatcher('host')).toThrow('is not an IP address')
    expect(() => flowMatcher('10.0.0.7:99999')).toThrow('is not a port')
    expect(() => flowMatcher('10.0.0.7 10.0.0.8 10.0.0.9')).toThrow('two ends')
  })
})
