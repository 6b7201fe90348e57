import { errno } from '../netlink/libc.ts'
import { ipsetErrors } from '../netlink/ipset-elements.ts'
import type { Outcome } from './outcome.ts'

/** What an error code of the kernel says of a conntrack entry. */
export function outcomeOfEntry(code: number): Outcome {
  if (code === 0) return 'done'
  if (code === errno.ENOENT) return 'vanished'
  if (code === errno.ENOSPC) return 'no-labels'
  return code === errno.EPERM ? 'denied' : 'failed'
}

/** What an error code of the kernel says of an element of a set. */
export function outcomeOfElement(code: number): Outcome {
  if (code === 0) return 'done'
  if (code === errno.ENOENT) return 'missing'
  if (code === errno.ENFILE || code === ipsetErrors.full) return 'full'
  return code === errno.EPERM ? 'denied' : 'failed'
}

/** An error code in words. */
export const errorText = (code: number): string => {
  const name = Object.entries(errno).find(([, number]) => number === code)?.[0]
  return name ?? `error ${code} of the kernel`
}
