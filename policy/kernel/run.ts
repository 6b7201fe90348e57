import { execFile } from 'node:child_process'
import { FlowledgerError } from '../../model/errors.ts'

/** What a program printed, and what it complained of; '' where all went well. */
export interface Ran {
  readonly out: string
  readonly error: string
}

/** Octets that a listing may have. */
const maxBuffer = 64 << 20

/** Runs nft or ipset in this namespace. */
export function runTool(
  program: 'nft' | 'ipset',
  args: readonly string[],
  input = ''
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(program, [...args], { maxBuffer }, (failure, out, error) => {
      resolve({ out, error: failure === null ? '' : error.trim() || failure.message })
    })
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
}

/** As {@link runTool}, where it must go well. */
export async function requireTool(
  program: 'nft' | 'ipset',
  args: readonly string[],
  input = ''
): Promise<string> {
  const { out, error } = await runTool(program, args, input)
  if (error === '') return out
  const first = error.split('\n').slice(0, 4).join(' ')
  throw new FlowledgerError('permission-missing', `${program} refused: ${first}`, {
    fix: `Run as root, and install ${program === 'nft' ? 'nftables' : 'ipset'}.`,
  })
}
