import { expect, test } from 'vitest'
import { recordedEvents, recordedQuestions } from '../../../cli/demo/recorded-events.ts'

const lines = recordedEvents.trimEnd().split('\n')

/** Ids by kind of event, sorted. */
function idsOf(kind: string): string[] {
  const ofKind = lines.filter((line) => line.includes(`[${kind}]`))
  return ofKind.map((line) => / id=(\d+)$/.exec(line)?.[1] ?? line).sort()
}

test('each recorded connection begins and ends', () => {
  expect(lines).toHaveLength(26)
  expect(lines.filter((line) => !/^\[\d{10}\.\d{6}\]\t\s*\[(NEW|DESTROY)\] /.test(line))).toEqual(
    []
  )
  expect(idsOf('NEW')).toEqual(idsOf('DESTROY'))
})

test('each question is about an end that the recording has', () => {
  for (const { args } of recordedQuestions) {
    const [ip, port] = (args[0] ?? '').split(':')
    const asked = lines.filter(
      (line) => line.includes(`dst=${ip} `) && line.includes(`port=${port} `)
    )
    expect(asked.length).toBeGreaterThanOrEqual(2)
  }
})
