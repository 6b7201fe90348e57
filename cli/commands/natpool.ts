import { Option } from 'commander'
import type { Command } from 'commander'
import { deterministicAlgorithms } from '../../model/deterministic-nat.ts'
import { FlowledgerError, exitCodes } from '../../model/errors.ts'
import { actorOfCommand } from '../actor.ts'
import { loadAloud, withConfigOptions, withExamples, withExit } from '../common-options.ts'
import type { CommonFlags } from '../config/layers.ts'
import { print, say, table } from '../output.ts'
import { outputOption } from '../output-option.ts'

type Access = import('../ledger-access.ts').LedgerAccess

interface SetFlags extends CommonFlags {
  readonly inside: string
  readonly outside: readonly string[]
  readonly algorithm: string
  readonly reserved: string
  readonly dynamic: string
  readonly ports?: string
  readonly subscriberLength?: string
  readonly allAddresses?: boolean
  readonly vrf: string
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

function count(text: string, what: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text)
  throw new FlowledgerError('usage', `"${text.slice(0, 20)}" is not a number (${what}).`)
}

async function instant(text: string, tz: string | undefined): Promise<number> {
  const { parseInstant } = await import('../../model/time.ts')
  return parseInstant(text, { tz, nowUs: Date.now() * 1000 }).atUs
}

async function set(name: string, flags: SetFlags): Promise<number> {
  const { deterministicDefinition, poolOf } =
    await import('../../model/deterministic-definition.ts')
  const { formatInstant } = await import('../../model/time.ts')
  const { setMap } = await import('../../store/deterministic-maps.ts')
  const given = {
    algorithm: flags.algorithm,
    inside: flags.inside,
    outside: flags.outside,
    reserved_ports: count(flags.reserved, '--reserved'),
    dynamic_factor: count(flags.dynamic, '--dynamic'),
    all_addresses: flags.allAddresses === true,
    vrf: count(flags.vrf, '--vrf'),
    ...(flags.ports === undefined ? {} : { ports_per_subscriber: count(flags.ports, '--ports') }),
    ...(flags.subscriberLength === undefined
      ? {}
      : { subscriber_length: count(flags.subscriberLength, '--subscriber-length') }),
  }
  const parsed = deterministicDefinition.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new FlowledgerError('usage', `${issue?.path.join('.')}: ${issue?.message}.`)
  }
  poolOf(parsed.data)
  const fromUs = await instant(flags.from, flags.tz)
  return await withPools(flags, async (access) => {
    const from = formatInstant(fromUs)
    await record(access, 'natpool-set', { name, from, definition: parsed.data })
    const map = await setMap(access.database('collector'), name, parsed.data, fromUs)
    say(`${name} is in force from ${from} on (${map.digest.slice(0, 16)}).`)
    return exitCodes.ok
  })
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

/** Adds `natpool`: deterministic maps and when each was in force. */
export function addNatpool(program: Command): void {
  const command = program
    .command('natpool')
    .description('deterministic NAT (RFC 7422): which map was in force when')
  const adding = withConfigOptions(command.command('set'))
    .description('put a map in force from a time on; the one before of that name ends there')
    .argument('<name>', 'name of the pool, such as cgn1-a')
    .requiredOption('--inside <prefix>', 'subscribers, such as 100.64.0.0/22 or 2001:db8::/40')
    .requiredOption('--outside <addresses...>', 'public: prefixes, addresses, FIRST-LAST')
    .addOption(
      new Option('--algorithm <name>', 'how ports are given out')
        .choices([...deterministicAlgorithms])
        .default('sequential')
    )
    .option('--reserved <ports>', 'ports below this are nobody’s', '1024')
    .option('--dynamic <factor>', 'D of RFC 7422: room for ports given out as needed', '0')
    .option('--ports <number>', 'ports of a subscriber; left out: as many as fit')
    .option('--subscriber-length <bits>', 'prefix that each has, where the inside is IPv6')
    .option('--all-addresses', 'network and broadcast address are subscribers too')
    .option('--vrf <number>', 'VRF of the inside addresses', '0')
    .requiredOption('--from <time>', 'when it came into force')
    .option('--tz <zone>', 'zone of a time that names none')
    .action(withExit(set))
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
  withExamples(adding, [
    [
      'natpool set cgn1 --inside 198.51.100.0/28 --outside 192.0.2.1 --dynamic 2 --from -1d',
      'the example of RFC 7422',
    ],
  ])
}
