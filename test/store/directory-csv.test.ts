import { describe, expect, it } from 'vitest'
import { csvRows } from '../../store/directory-csv.ts'

describe('a CSV file', () => {
  const rows = (text: string, delimiter = ','): string[][] => [...csvRows(text, delimiter, 'f')]

  it.each<[string, string, string[][]]>([
    [
      'a plain one',
      'a,b\r\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'without a last line break',
      'a,b\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'with empty cells and lines',
      '\u{feff}a,,c\n\n,,\r1,',
      [
        ['a', '', 'c'],
        ['', '', ''],
        ['1', ''],
      ],
    ],
    ['with quotes', '"a,""x""\ny",b\n', [['a,"x"\ny', 'b']]],
    ['with text behind a quote', '"a"b,c', [['ab', 'c']]],
    ['that is empty', '', []],
  ])('%s', (_, text, expected) => {
    expect(rows(text)).toEqual(expected)
  })

  it('is refused where a quote is open or a row endless, with the line', () => {
    const refusal = (line: number) =>
      expect.objectContaining({
        code: 'directory-invalid',
        message: expect.stringContaining(`line ${line}`) as string,
      }) as Error
    expect(() => rows('a,"b\nc"\nd,"e\nf')).toThrow(refusal(3))
    expect(() => rows(`a\n${','.repeat(1000)}`)).toThrow(refusal(2))
  })
})
