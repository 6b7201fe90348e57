/**
 * Classifies what passes the namespace that it is run in and has a policy act on it, as the
 * appliance does, with nothing beside: an entry is looked up when its connection is classified.
 * Writes each action as a line of JSON. `policy-child.ts POLICY`; a path on standard input is a
 * policy to change to.
 */
import { createInterface } from 'node:readline'
import { classifyLive } from '../../appliance/capture/classify-live.ts'
import { joinedFlow } from '../../appliance/capture/joined.ts'
import { makeJudge } from '../../classifier/applications/judge.ts'
import { catalogue } from '../../classifier/applications/load.ts'
import { RuleKeeper } from '../../classifier/applications/rule-keeper.ts'
import { factsOf } from '../../classifier/facts.ts'
import type { Flow } from '../../classifier/flow.ts'
import { LocalNetworks } from '../../classifier/local-networks.ts'
import { parsePrefix } from '../../model/address.ts'
import type { ConntrackEntry } from '../../model/conntrack-entry.ts'
import { readEntry, writeGet } from '../../netlink/conntrack-requests.ts'
import { MessageWriter } from '../../netlink/message-writer.ts'
import { NetfilterRequests } from '../../netlink/netfilter-requests.ts'
import { PolicyEngine } from '../../policy/engine.ts'
import { loadPolicy } from '../../policy/load.ts'

const keeper = new RuleKeeper([catalogue])
const networks = new LocalNetworks([parsePrefix('10.88.0.0/16') ?? []].flat())
const context = () => ({ names: keeper.rules.names })
const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`)
const nowUs = (): number => Date.now() * 1000

const engine = new PolicyEngine(
  loadPolicy(process.argv[2] ?? '', context()),
  {
    warn: (warning) => print({ warning }),
    stream: (stream) => print({ stream }),
    audit: (line) => void process.stdout.write(`${line}\n`),
  },
  nowUs()
)

const requests = new NetfilterRequests()
const writer = new MessageWriter()

function entryOf(flow: Flow): ConntrackEntry | undefined {
  const client = { address: flow.clientAddress, port: flow.clientPort }
  const server = { address: flow.serverAddress, port: flow.serverPort }
  const original = { source: client, destination: server }
  const reply = { source: server, destination: client }
  const named = { ipProtocol: flow.protocol, original, reply, zone: 0, id: 0, mark: 0, startUs: 0 }
  let found: ConntrackEntry | undefined
  writeGet(writer, requests.next(), named)
  requests.send(writer, (view, from, to) => (found = readEntry(view, from, to)))
  return found
}

const live = classifyLive(
  { group: 5, snapLength: 1600, receiveBuffer: 4 << 20 },
  {
    decided(flow) {
      const entry = entryOf(flow)
      if (entry === undefined || flow.classification === undefined) return
      const facts = factsOf(flow, flow.classification, keeper.rules, networks)
      print({ decided: facts.protocol, application: facts.application, at: Date.now() })
      engine.onJoined(joinedFlow(facts, entry), entry)
      engine.flush(nowUs())
    },
    ended: () => undefined,
  },
  makeJudge({ keeper, networks })
)
const timer = setInterval(() => engine.flush(nowUs()), 20)

createInterface({ input: process.stdin })
  .on('line', (path) => {
    const reload = async (): Promise<void> => engine.reload(loadPolicy(path, context()), nowUs())
    reload().then(
      () => print({ reloaded: path }),
      (error: unknown) => print({ refused: String(error) })
    )
  })
  .on('close', () => {
    clearInterval(timer)
    live.stop()
  })
print({ ready: true })
await live.ended
await engine.close()
requests.close()
