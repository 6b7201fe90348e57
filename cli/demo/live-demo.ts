import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ChildProcess } from 'node:child_process'
import { startEndpoint } from './endpoint-control.ts'
import { cleanEnvironment, makeLedger, selfArgv } from './self.ts'
import type { Ledger } from './self.ts'
import { playScenario, scenarioNetwork } from './scenario.ts'
import { showQuestions } from './show.ts'
import type { DemoOptions } from './show.ts'
import { makeTopology } from './topology.ts'
import type { Topology } from './topology.ts'

const apiAddress = '127.0.0.1:8080'
const readyWithinMs = 120_000
/** Questions are of a second, give or take one: all of that is to be watched. */
const watchedBeforeMs = 2500

/** The last lines a program wrote to standard error, for the case that it ends too early. */
function keepTail(child: ChildProcess): () => string {
  let tail = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-4096)
  })
  return () => tail.trim()
}

/** Starts the program in the gateway and resolves when it says that it is ready. */
async function startUp(topology: Topology, ledger: Ledger, signal: AbortSignal): Promise<void> {
  const argv = selfArgv(ledger, ['up', '--listen', apiAddress])
  const child = topology.spawn(topology.gateway, argv, {
    env: cleanEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const tail = keepTail(child)
  const endpoint = startEndpoint(topology, topology.gateway)
  const deadline = Date.now() + readyWithinMs
  for (;;) {
    signal.throwIfAborted()
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      throw new Error(`flowledger up did not become ready:\n${tail()}`)
    }
    // Refused connections are what waiting looks like.
    const answer = await endpoint.fetch({ url: `http://${apiAddress}/readyz` }).catch(() => null)
    if (answer?.status === 200) break
    await sleep(200)
  }
  await endpoint.stop()
  await sleep(watchedBeforeMs, undefined, { signal })
}

/**
 * The demo on a gateway made of network namespaces, with flowledger following real connections.
 *
 * @returns 0 where every look-up had an answer
 */
export async function runLiveDemo({ print, signal }: DemoOptions): Promise<number> {
  print('Building a NAT gateway, three inside hosts and an outside, as network namespaces ...')
  const topology = await makeTopology(scenarioNetwork)
  // Without connections to follow there is nothing to show: then it must not start.
  const ledger = makeLedger('collector: { conntrack: { enabled: true } }\n')
  try {
    print('Starting "flowledger up" in the gateway, with a database of its own ...')
    await startUp(topology, ledger, signal)
    print('Making connections: TCP, UDP, ICMP, IPv6, and one through a port forward ...')
    const questions = await playScenario(topology)
    signal.throwIfAborted()
    return await showQuestions(questions, print, (args) =>
      topology.run(topology.gateway, selfArgv(ledger, args), { env: cleanEnvironment() })
    )
  } finally {
    await topology.close()
    rmSync(ledger.folder, { recursive: true, force: true })
    print('\nThe namespaces and the ledger of the demo are gone again.')
  }
}
