/** A promise that a test keeps closed until it opens it. */
export interface Gate {
  readonly opened: Promise<void>
  open(): void
}

export function makeGate(): Gate {
  const signal = new EventTarget()
  const opened = new Promise<void>((resolve) => {
    signal.addEventListener('open', () => resolve(), { once: true })
  })
  return { opened, open: () => void signal.dispatchEvent(new Event('open')) }
}
