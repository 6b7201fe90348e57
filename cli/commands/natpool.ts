import { Option } from 'commander'
import type { Command } from 'commander'
import { deterministicAlgorithms } from '../../model/deterministic-nat.ts'
import { FlowledgerError, exitCodes } from '../../model/errors.ts'
import { actorOfCommand } from '../actor.ts'
import { loadAloud, withConfigOptions, withExamples, withExit } from '../common-options.ts'
import { beginsAnew, withRunAgain } from '../run-again.ts'
import type { CommonFlags } from '../config/layers.ts'
import { print, say, table } from '../output.ts'
import { outputOption } from '../output-option.ts'

type PoolFlags = import('../natpool/definition.ts').PoolFlags
type Access = import('../ledger-access.ts').LedgerAccess

interface SetFlags extends CommonFlags, PoolFlags {
  readonly from: string
  readonly tz?: string
}

interface RulesFlags extends CommonFlags, PoolFlags {
  readonly form: 'nft' | 'u32'
  readonly addressOnly?: boolean
  readonly interface?: string
  readonly register?: string
  readonly from: string
  readonly tz?: string
}

interface ListFlags extends CommonFlags {
  readonly output: 'table' | 'json'
}

async function withPools<T>(flags: CommonFlags, work: (access: Access) => Promise<T>): Promise<T> {
  const { config } = await loadAloud(flags)
  const { withLedger } = await import('../ledger-access.ts')
  return await withLedger(config, 'collector', work)
}

/** Which map was in force decides who is named: a change is in the audit before it takes effect. */
async function record(access: Access, action: string, detail: Record<string, unknown>) {
  const { AuditWriter } = await import('../../store/audit.ts')
  const audit = new AuditWriter(access.database('audit'), access.dataDir)
  await audit.appendAudit({ actor: actorOfCommand(), action, detail })
}

async function instant(text: string, tz: string | undefined): Promise<number> {
  const { parseInstant } = await import('../../model/time.ts')
  return parseInstant(text, { tz, nowUs: Date.now() * 1000 }).atUs
}

async function set(name: string, flags: SetFlags): Promise<number> {
  const { poolOf } = await import('../../model/deterministic-definition.ts')
  const { definitionOf } = await import('../natpool/definition.ts')
  const { formatInstant } = await import('../../model/time.ts')
  const { setMap } = await import('../../store/deterministic-maps.ts')
  const definition = definitionOf(flags)
  poolOf(definition)
  const fromUs = await instant(flags.from, flags.tz)
  return await withPools(flags, async (access) => {
    const from = formatInstant(fromUs)
    await record(access, 'natpool-set', { name, from, definition })
    const map = await setMap(access.database('collector'), name, definition, fromUs)
    say(`${name} is in force from ${from} on (${map.digest.slice(0, 16)}).`)
    return exitCodes.ok
  })
}

/** Prints the rules of a pool; with --register also puts it in force as a map. */
async function rules(flags: RulesFlags): Promise<number> {
  const { poolOf } = await import('../../model/deterministic-definition.ts')
  const { definitionOf } = await import('../natpool/definition.ts')
  const { remarksOf, requireWritable } = await import('../natpool/rules-of-pool.ts')
  const pool = poolOf(definitionOf(flags))
  requireWritable(pool)
  const hasPorts = flags.addressOnly !== true
  const options = { hasPorts, interface: flags.interface }
  if (flags.register !== undefined && !hasPorts) {
    throw new FlowledgerError('usage', 'A map without ports names nobody: it is not registered.', {
      fix: 'Leave out --address-only or --register.',
    })
  }
  const { nftRules } = await import('../natpool/nft-rules.ts')
  const { u32Rules } = await import('../natpool/u32-rules.ts')
  print(flags.form === 'nft' ? nftRules(pool, options) : u32Rules(pool, options))
  for (const remark of remarksOf(pool, options)) say(remark)
  return flags.register === undefined ? exitCodes.ok : await set(flags.register, flags)
}

async function usage(flags: ListFlags & { readonly since: string }): Promise<number> {
  const { readUsage } = await import('../natpool/usage.ts')
  const { showQueries } = await import('../progress.ts')
  const sinceUs = await instant(flags.since, undefined)
  const found = await withPools(flags, (access) =>
    showQueries(access.database('collector'), (database) =>
      readUsage(database, sinceUs, Date.now() * 1000)
    )
  )
  if (flags.output === 'json') {
    print(JSON.stringify(found))
    return exitCodes.ok
  }
  const rows = found.addresses.map(({ address, ...one }) => [
    address,
    one.hosts === null ? '' : String(one.hosts),
    String(one.connections),
    one.mean.toFixed(1),
    String(one.peak),
    one.share.toFixed(3),
  ])
  const head = ['address', 'hosts', 'connections', 'mean ports', 'peak ports', 'share']
  print(table([head, ...rows]))
  say(found.summary)
  return exitCodes.ok
}

async function end(name: string, flags: CommonFlags & { at: string; tz?: string }) {
  const { formatInstant } = await import('../../model/time.ts')
  const { endMap } = await import('../../store/deterministic-maps.ts')
  const atUs = await instant(flags.at, flags.tz)
  return await withPools(flags, async (access) => {
    await record(access, 'natpool-end', { name, at: formatInstant(atUs) })
    if (await endMap(access.database('collector'), name, atUs)) {
      say(`${name} was in force until ${formatInstant(atUs)}.`)
      return exitCodes.ok
    }
    throw new FlowledgerError('usage', `No map "${name}" is in force at that time.`, {
      fix: 'See "flowledger natpool list".',
    })
  })
}

async function list(flags: ListFlags): Promise<number> {
  const { formatInstant } = await import('../../model/time.ts')
  const { listMaps } = await import('../../store/deterministic-maps.ts')
  return await withPools(flags, async (access) => {
    const maps = (await listMaps(access.database('collector'))).map(
      ({ name, definition, digest, fromUs, toUs }) => {
        const from = formatInstant(fromUs)
        const to = toUs === undefined ? null : formatInstant(toUs)
        return Object.assign({ name, from, to, digest }, definition)
      }
    )
    if (flags.output === 'json') print(JSON.stringify(maps))
    else {
      const rows = maps.map((map) => [
        map.name,
        map.from,
        map.to ?? '',
        map.algorithm,
        map.inside,
        map.outside.join(' '),
        map.digest.slice(0, 16),
      ])
      print(table([['name', 'from', 'to', 'algorithm', 'inside', 'outside', 'digest'], ...rows]))
    }
    return exitCodes.ok
  })
}

/** The options that describe a pool. */
function withPool(command: Command, algorithm: string): Command {
  return command
    .requiredOption('--inside <prefix>', 'subscribers, such as 100.64.0.0/22 or 2001:db8::/40')
    .requiredOption('--outside <addresses...>', 'public: prefixes, addresses, FIRST-LAST')
    .addOption(
      new Option('--algorithm <name>', 'how ports are given out')
        .choices([...deterministicAlgorithms])
        .default(algorithm)
    )
    .option('--reserved <ports>', 'ports below this are nobody’s', '1024')
    .option('--dynamic <factor>', 'D of RFC 7422: room for ports given out as needed', '0')
    .option('--ports <number>', 'ports of a subscriber; left out: as many as fit')
    .option('--subscriber-length <bits>', 'prefix that each has, where the inside is IPv6')
    .option('--all-addresses', 'network and broadcast address are subscribers too')
    .option('--vrf <number>', 'VRF of the inside addresses', '0')
}

/** Adds `natpool`: deterministic maps and when each was in force. */
export function addNatpool(program: Command): void {
  const command = program
    .command('natpool')
    .description('deterministic NAT (RFC 7422): which map was in force when, and rules for it')
  const adding = withPool(withConfigOptions(command.command('set')), 'sequential')
    .description('put a map in force from a time on; the one before of that name ends there')
    .argument('<name>', 'name of the pool, such as cgn1-a')
    .requiredOption('--from <time>', 'when it came into force')
    .option('--tz <zone>', 'zone of a time that names none')
    .action(withExit(set))
  const writing = withPool(withConfigOptions(command.command('rules')), 'modulo')
    .description('print the rules of a pool, for nftables or for iptables')
    .addOption(new Option('--form <form>', 'of the rules').choices(['nft', 'u32']).default('nft'))
    .option('--address-only', 'no ports for each host: names nobody without a log')
    .option('--interface <name>', 'interface by which it leaves')
    .option('--register <name>', 'put it in force as a map of this name too')
    .option('--from <time>', 'when that came into force', 'now')
    .option('--tz <zone>', 'zone of a time that names none')
    .action(withExit(rules))
  const using = withConfigOptions(command.command('usage'))
    .description('how evenly public addresses are used')
    .option('--since <time>', 'from this hour on', '-24h')
    .addOption(outputOption('table', 'json'))
    .action(withExit(usage))
  withRunAgain(using, beginsAnew)
  withConfigOptions(command.command('end'))
    .description('a map that is in force no more')
    .argument('<name>', 'name of the pool')
    .requiredOption('--at <time>', 'when it ended')
    .option('--tz <zone>', 'zone of a time that names none')
    .action(withExit(end))
  withConfigOptions(command.command('list'))
    .description('every map, with its times')
    .addOption(outputOption('table', 'json'))
    .action(withExit(list))
  withExamples(writing, [
    [
      'natpool rules --inside 10.0.0.0/14 --outside 192.0.2.0/26 | nft -f -',
      'each host its address and its ports, looked up at once',
    ],
    [
      'natpool rules --inside 10.0.0.0/14 --outside 192.0.2.0/26 --form u32 --address-only',
      'the last octet says which address, for iptables-restore -n',
    ],
  ])
  withExamples(adding, [
    [
      'natpool set cgn1 --inside 198.51.100.0/28 --outside 192.0.2.1 --dynamic 2 --from -1d',
      'the example of RFC 7422',
    ],
  ])
}
