interface Waiting<Question, Answer> {
  readonly question: Question
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/**
 * Makes one question out of many: those that come while an answer is under way wait, and go
 * together in the next. So whoever asks alone waits for nobody, and an answer is always of a
 * question that was put **after** the call: what was read before it is never handed out.
 *
 * @param askAll answers each question, in their order; where it fails, all of them fail
 * @param most questions that go together
 */
export function coalesce<Question, Answer>(
  askAll: (questions: readonly Question[]) => Promise<readonly Answer[]>,
  most: number
): (question: Question) => Promise<Answer> {
  let waiting: Waiting<Question, Answer>[] = []
  let isWorking = false

  async function askGroup(group: readonly Waiting<Question, Answer>[]): Promise<void> {
    try {
      const answers = await askAll(group.map(({ question }) => question))
      for (const [index, { resolve }] of group.entries()) resolve(answers[index] as Answer)
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }

  async function work(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting.slice(0, most)
      waiting = waiting.slice(most)
      await askGroup(group)
    }
    isWorking = false
  }

  return (question) =>
    new Promise((resolve, reject) => {
      waiting.push({ question, resolve, reject })
      if (isWorking) return
      isWorking = true
      // Not at once: what is asked in the same turn goes together.
      setImmediate(() => void work())
    })
}
