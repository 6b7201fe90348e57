/** Builds a topology, says so on standard output, and waits for a signal. */
import { makeTopology } from '../../../cli/demo/topology.ts'

const topology = await makeTopology({ hosts: 1 })
topology.spawn(topology.gateway, ['sleep', '600'], { stdio: 'ignore' })
process.stdout.write('ready\n')
setInterval(() => undefined, 1000)
