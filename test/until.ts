import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until something is so; the test's own limit ends a wait in vain. */
export async function until(condition: () => unknown): Promise<void> {
  while (!(await condition())) await sleep(20)
}
