import { paint } from '../output.ts'
import type { Check, CheckContext, Finding } from './finding.ts'
import { fail } from './finding.ts'

/** A finding with the check it belongs to. */
export interface NamedFinding extends Finding {
  readonly check: string
}

/** A check that fails to run is a finding too, and never keeps the next one from running. */
async function runOne(check: Check, context: CheckContext): Promise<NamedFinding> {
  try {
    return { check: check.name, ...(await check.run(context)) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const fix = 'run it again with FLOWLEDGER_DEBUG=1 and report it'
    return { check: check.name, ...fail(`could not be checked: ${reason}`, fix) }
  }
}

/** Runs every check, in order. */
export async function runChecks(
  checks: readonly Check[],
  context: CheckContext
): Promise<NamedFinding[]> {
  const findings: NamedFinding[] = []
  for (const check of checks) findings.push(await runOne(check, context))
  return findings
}

const colours = { ok: 'green', warn: 'yellow', fail: 'red' } as const

/** `OK    clock  text`, and where something is wrong the fix on a line of its own. */
export function formatFindings(findings: readonly NamedFinding[], colour: boolean): string {
  const width = Math.max(...findings.map((finding) => finding.check.length))
  const lines = findings.flatMap(({ state, check, text, fix }) => {
    const label = paint(state.toUpperCase().padEnd(4), colours[state], colour)
    const line = `${label}  ${check.padEnd(width)}  ${text}`
    return fix === undefined ? [line] : [line, `${' '.repeat(width + 8)}fix: ${fix}`]
  })
  const count = (state: Finding['state']): number =>
    findings.filter((finding) => finding.state === state).length
  return `${lines.join('\n')}\n${count('ok')} ok, ${count('warn')} warn, ${count('fail')} fail\n`
}
