/**
 * How fast rules name hosts, addresses and flows: a million names, a hundred thousand prefixes, the
 * catalogue, and expressions. Run: node --expose-gc --import tsx bench/applications.ts
 */
import { HostTable } from '../classifier/applications/host-table.ts'
import { catalogue, loadRules } from '../classifier/applications/load.ts'
import { weigh } from '../classifier/applications/weigh.ts'
import { compileCriteria } from '../criteria/compile.ts'
import { PrefixTable } from '../criteria/prefix-table.ts'
import { parsePrefix } from '../model/address.ts'
import { flow } from '../test/criteria/flow.ts'

const names = 1_000_000
const prefixes = 100_000
const rounds = 1_000_000

function timed(what: string, count: number, run: () => void): void {
  const start = process.hrtime.bigint()
  run()
  const seconds = Number(process.hrtime.bigint() - start) / 1e9
  console.log(`${what}: ${seconds.toFixed(2)} s, ${((seconds / count) * 1e6).toFixed(3)} us each`)
}

const hostOf = (i: number): string => `www.site${i}.d${i % 977}.example${i % 13}.com`

const table = new HostTable()
timed('adding a million names', names, () => {
  for (let i = 0; i < names; i++) table.add(hostOf(i).slice(4), i % 900, false, 0, i)
})
console.log(`${table.size} names in ${(table.bytes / 1e6).toFixed(1)} MB`)
const hosts = Array.from({ length: 1000 }, (_, i) => hostOf(i * 997))
const others = hosts.map((host) => host.replace('site', 'none'))
let found = 0
timed('finding the rule of a host that has one', rounds, () => {
  for (let i = 0; i < rounds; i++) if (table.find(hosts[i % 1000] ?? '') >= 0) found++
})
timed('of one that has none', rounds, () => {
  for (let i = 0; i < rounds; i++) if (table.find(others[i % 1000] ?? '') >= 0) found++
})

const entries = Array.from({ length: prefixes }, (_, value) => {
  const prefix = parsePrefix(`${1 + (value % 200)}.${(value >> 8) & 255}.${value % 251}.0/24`)
  return prefix === undefined ? [] : [{ prefix, value }]
}).flat()
let addresses = new PrefixTable([])
timed('laying out prefixes', prefixes, () => {
  addresses = new PrefixTable(entries)
})
console.log(`${prefixes} prefixes in ${(addresses.bytes / 1e6).toFixed(1)} MB`)
timed('finding the longest prefix', rounds, () => {
  for (let i = 0; i < rounds; i++)
    found += addresses.find(0, 0, 0xffff, Math.imul(i, 2654435761) >>> 0)
})

const rules = loadRules([catalogue])
timed('reading the catalogue again', 1, () => {
  loadRules([catalogue])
})
const seen = flow({ application: undefined, metadata: { hostname: 'us02web.zoom.us' } })
timed('naming a flow by the catalogue', rounds, () => {
  for (let i = 0; i < rounds; i++) if (weigh(seen, [], rules).application === 'zoom') found++
})
const { matches } = compileCriteria(
  "protocol == 'http/s' && other_type == other_remote && local_ip == 192.168.100.0/24",
  { names: rules.names }
)
timed('asking an expression of three comparisons', rounds, () => {
  for (let i = 0; i < rounds; i++) if (matches(seen)) found++
})
console.log(found > 0 ? `resident ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB` : 'nothing')
