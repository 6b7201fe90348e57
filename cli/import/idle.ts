/**
 * The values of an iterator; while one is waited for longer than `ms`, `onIdle` is run, again and
 * again until it comes.
 */
export async function* withIdle<T>(
  values: AsyncGenerator<T>,
  ms: number,
  onIdle: () => Promise<void>
): AsyncGenerator<T> {
  try {
    for (;;) {
      const next = values.next()
      while (!(await settlesWithin(next, ms))) await onIdle()
      const { done, value } = await next
      if (done === true) return
      yield value
    }
  } finally {
    await values.return(undefined)
  }
}

async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  try {
    return await Promise.race([promise.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}
