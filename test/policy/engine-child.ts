/** Asks a policy about one connection that the kernel does not have, and tells what came of it. */
import { PolicyEngine } from '../../policy/engine.ts'
import { readPolicy } from '../../policy/load.ts'
import { entry, flow } from './joined.ts'

const names = {
  application: () => undefined,
  protocol: () => [],
  applicationCategory: () => undefined,
  protocolCategory: () => undefined,
  group: () => undefined,
  suggestions: { applications: () => [], protocols: () => [] },
}
const warnings: string[] = []
const outlets = {
  warn: (text: string) => void warnings.push(text),
  stream: () => undefined,
  audit: () => undefined,
}
const engine = new PolicyEngine(readPolicy('p.yaml', process.argv[2] ?? '', { names }), outlets, 0)
engine.onJoined(flow, entry())
engine.flush(Date.now() * 1000)
const outcomes = [...engine.counters.outcomes.keys()]
process.stdout.write(JSON.stringify({ outcomes, warnings }))
await engine.close()
