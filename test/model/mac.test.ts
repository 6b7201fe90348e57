import { expect, test } from 'vitest'
import { isRandomised, normaliseMac } from '../../model/mac.ts'

test.each([
  '02:00:5e:0a:0b:0c',
  '02-00-5E-0A-0B-0C',
  '0200.5e0a.0b0c',
  '0200-5e0a-0b0c',
  '02005E0A0B0C',
  '2:0:5e:a:b:c',
  '1:02:00:5e:0a:0b:0c',
  '01:02:00:5e:0a:0b:0c',
])('%s', (text) => {
  expect(normaliseMac(text)).toBe('02:00:5e:0a:0b:0c')
})

test.each([
  '',
  '02:00:5e:0a:0b',
  '02:00:5e:0a:0b:0c:0d:0e',
  '02:00:5e:0a:0b:0g',
  '02:00:5e:0a:0b:0c ',
  '6:02:00:5e:0a:0b:0c',
  '00:00:00:00:00:00',
  'ff:ff:ff:ff:ff:ff',
  '02:00-5e.0a:0b:0c',
])('"%s" is none', (text) => {
  expect(normaliseMac(text)).toBeUndefined()
})

test('chosen by the device itself', () => {
  expect(['02', '06', '0a', 'fe'].map((first) => isRandomised(`${first}:00:5e:0a:0b:0c`))).toEqual([
    true,
    true,
    true,
    true,
  ])
  expect(['00', '04', 'a8', 'fc'].some((first) => isRandomised(`${first}:00:5e:0a:0b:0c`))).toBe(
    false
  )
})
