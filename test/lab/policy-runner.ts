import type { Line, PolicyLab, Talker } from './policy-lab.ts'

/** Runs policies in a lab, one classifier at a time: its group has one reader. */
export function policyRunner(lab: () => PolicyLab) {
  let running: Talker | undefined
  /** Ends the classifier that runs. */
  async function end(signal?: NodeJS.Signals): Promise<void> {
    await running?.stop(signal)
    running = undefined
  }
  async function act(policyFile: string): Promise<Talker> {
    await end()
    running = await lab().start(policyFile)
    return running
  }
  async function apply(text: string, name?: string): Promise<Talker> {
    const file = lab().policy(text, name)
    const { code, said } = lab().flowledger('policy', 'apply', file)
    if (code !== 0) throw new Error(said)
    return await act(file)
  }
  const done = (talker: Talker, target: string, outcome = 'done'): readonly Line[] =>
    talker.lines.filter((line) => line['target'] === target && line['outcome'] === outcome)
  return { act, apply, done, end }
}
