import { describe, expect, test } from 'vitest'
import { listNamespaces } from '../../cli/demo/namespaces.ts'
import { runDemo } from '../../cli/demo/demo.ts'
import { runRecordedDemo } from '../../cli/demo/recorded-demo.ts'
import { embeddedPostgresMissing, skipUnless } from '../skip.ts'
import { labMissing } from './gateway-lab.ts'

const verdicts = (said: readonly string[]): string[] =>
  said.join('\n').match(/(?<=^Verdict: )\S+/gm) ?? []

/** Namespaces that this process made. */
const ours = (): string[] =>
  listNamespaces().filter((name) => name.startsWith(`fl-${process.pid}-`))

describe.skipIf(skipUnless('kernel', labMissing()))('the demo in namespaces', () => {
  test('answers its three questions and leaves nothing behind', async () => {
    const said: string[] = []
    const signal = new AbortController().signal
    const code = await runDemo({ print: (text) => said.push(text), signal })
    expect([code, verdicts(said)]).toEqual([0, ['unique', 'unique-after-destination', 'unique']])
    expect(ours()).toEqual([])
  })

  test('ends early when told to, and leaves nothing behind', async () => {
    const stop = new AbortController()
    const said: string[] = []
    const print = (text: string): void => {
      said.push(text)
      if (text.startsWith('Starting')) stop.abort()
    }
    expect(await runDemo({ print, signal: stop.signal })).toBe(130)
    expect(verdicts(said)).toEqual([])
    expect(ours()).toEqual([])
  })
})

describe.skipIf(skipUnless('postgres', embeddedPostgresMissing()))('the demo of events', () => {
  test('answers from the recording, and claims no more than an import can prove', async () => {
    const said: string[] = []
    const signal = new AbortController().signal
    const code = await runRecordedDemo({ print: (text) => said.push(text), signal })
    expect([code, verdicts(said)]).toEqual([0, ['inferred', 'inferred', 'inferred']])
    expect(said.join('\n')).toContain('10.77.2.2:22')
  })
})
