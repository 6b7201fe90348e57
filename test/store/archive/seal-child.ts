/**
 * Seals in a process of its own, which kills itself at a step: `seal-child.ts STEP` with the rest of
 * the options as JSON in the environment.
 */
import { sealHours } from '../../../store/archive/seal.ts'

const step = process.argv[2]
const options = JSON.parse(process.env['SEAL_OPTIONS'] ?? '{}') as Parameters<typeof sealHours>[0]
await sealHours({
  ...options,
  onStep(reached) {
    if (reached === step) process.kill(process.pid, 'SIGKILL')
  },
})
