import { spawn } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { collect } from './children.ts'
import type { RunResult } from './children.ts'
import { recordedEvents, recordedQuestions } from './recorded-events.ts'
import { cleanEnvironment, makeLedger, selfArgv } from './self.ts'
import type { Ledger } from './self.ts'
import { showQuestions } from './show.ts'
import type { DemoOptions } from './show.ts'

function runSelf(ledger: Ledger, args: readonly string[], signal: AbortSignal): Promise<RunResult> {
  const [program = '', ...rest] = selfArgv(ledger, args)
  return collect(spawn(program, rest, { env: cleanEnvironment(), signal }))
}

/**
 * The demo where no namespaces can be made: events that were recorded on the same gateway are
 * imported, and looked up. An import proves no absence, so the answers say `inferred` where the
 * live demo says `unique`.
 */
export async function runRecordedDemo({ print, signal }: DemoOptions): Promise<number> {
  const ledger = makeLedger()
  try {
    const file = join(ledger.folder, 'events.txt')
    writeFileSync(file, recordedEvents)
    print('Importing recorded events into a ledger of its own ...')
    print('\n$ flowledger import conntrack events.txt')
    const imported = await runSelf(ledger, ['import', 'conntrack', file], signal)
    print(imported.code === 0 ? imported.stdout : imported.stderr)
    if (imported.code !== 0) return imported.code
    return await showQuestions(recordedQuestions, print, (args) => runSelf(ledger, args, signal))
  } finally {
    rmSync(ledger.folder, { recursive: true, force: true })
    print('\nThe ledger of the demo is gone again.')
  }
}
