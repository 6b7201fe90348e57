import { describe, expect, test } from 'vitest'
import { formatEndpoint, parseEndpointText, parseListen } from '../../model/endpoint-text.ts'
import { FlowledgerError } from '../../model/errors.ts'

describe('ADDRESS[:PORT]', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:4711', '192.0.2.1:4711'],
    ['192.0.2.1:0', '192.0.2.1:0'],
    ['2001:db8::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '[2001:db8::1]:443'],
    // Not the port 443: without brackets nobody can tell, and RFC 4291 reads it as an address.
    ['2001:db8::1:443', '2001:db8::1:443'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['[::ffff:192.0.2.1]:80', '192.0.2.1:80'],
  ])('%s', (text, normal) => {
    const { ip, port } = parseEndpointText(text)
    expect(formatEndpoint(ip, port)).toBe(normal)
  })

  test.each([
    '',
    ':80',
    '192.0.2.1:',
    '192.0.2.1:65536',
    '192.0.2.1:080',
    '192.0.2.1:-1',
    '192.0.2.1:http',
    '010.0.0.1',
    '192.0.2.1 ',
    '[192.0.2.1]:80',
    '[2001:db8::1',
    '[2001:db8::1]443',
    '[2001:db8::1]:',
    '[2001:db8::1]:80:80',
    '[]:80',
    'fe80::1%eth0',
    'host.example:80',
  ])('refuses %j', (text) => {
    expect(() => parseEndpointText(text)).toThrow(FlowledgerError)
  })
})

describe('ADDRESS:PORT to listen on', () => {
  test.each(['127.0.0.1:8080', '[::1]:8080', 'localhost:8080', '0.0.0.0:0'])('%s', (text) => {
    expect(parseListen(text)).toBeDefined()
  })

  test.each(['8080', ':8080', '127.0.0.1', '::1:8080', 'example.org:80', '127.0.0.1:x'])(
    'refuses %j',
    (text) => expect(parseListen(text)).toBeUndefined()
  )
})
