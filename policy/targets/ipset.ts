import { z } from 'zod'
import { FlowledgerError } from '../../model/errors.ts'
import { ipsetErrors, writeFlushSet, writeMembers } from '../../netlink/ipset-elements.ts'
import type { IpsetMember } from '../../netlink/ipset-elements.ts'
import { MessageWriter } from '../../netlink/message-writer.ts'
import { addressBytes, macBytes, versionOf } from '../element-key.ts'
import { versionedName } from '../kernel/needs.ts'
import type { IpsetNeed, IpVersion } from '../kernel/needs.ts'
import { namedSet, ownedSet, setSize } from '../set-settings.ts'
import { ttl, versionsOf, word32 } from '../settings-values.ts'
import { SetFiller } from '../set-filler.ts'
import type { SetPort } from '../set-filler.ts'
import type { Verdict } from '../outcome.ts'
import type { TargetKind, TargetKit } from '../target.ts'

type Part = 'ip' | 'ip2' | 'port' | 'mac' | 'mark'

/** Types of sets, and what a member of each is made of; the first address is the far one. */
const memberParts: Readonly<Record<string, readonly Part[]>> = {
  'hash:ip': ['ip'],
  'hash:net': ['ip'],
  'hash:ip,port': ['ip', 'port'],
  'hash:net,port': ['ip', 'port'],
  'hash:ip,port,ip': ['ip', 'port', 'ip2'],
  'hash:ip,port,net': ['ip', 'port', 'ip2'],
  'hash:net,net': ['ip', 'ip2'],
  'hash:ip,mac': ['ip', 'mac'],
  'hash:ip,mark': ['ip', 'mark'],
  'hash:mac': ['mac'],
}

/** Protocols of which a member of `port` takes any port (xt_set). */
const withPorts: ReadonlySet<number> = new Set([6, 17, 132, 136])

const tcClass = z
  .string()
  .regex(/^[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}$/, { error: 'must be MAJOR:MINOR, hexadecimal' })
  .transform((text) => {
    const [major = 0, minor = 0] = text.split(':').map((part) => Number.parseInt(part, 16))
    return ((major << 16) | minor) >>> 0
  })

const schema = z.strictObject({
  type: z.literal('ipset'),
  ...namedSet,
  set_type: z
    .enum(Object.keys(memberParts), {
      error: `must be one of ${Object.keys(memberParts).join(' ')}`,
    })
    .prefault('hash:ip')
    .describe('Type of the set. The first address is the far one, the second and the MAC ours.'),
  ttl: ttl.prefault(900).describe('How long a member stays after its last connection.'),
  max_elements: setSize.describe('Most members.'),
  ...ownedSet,
  skb_mark: word32.optional().describe('Mark for packets (SET --map-set).'),
  skb_mask: word32.optional().describe('Bits of that mark.'),
  skb_prio: tcClass.optional().describe('Class of tc, MAJOR:MINOR.'),
  skb_queue: z.int().min(0).max(65_535).optional().describe('Queue of the network card.'),
})

type Settings = z.output<typeof schema>

const AF_INET = 2
const AF_INET6 = 10
/** Members of one message: the kernel repeats it where it refuses one. */
const membersOfMessage = 250
const mostMembers = 1000

class IpsetPort implements SetPort<IpsetMember> {
  readonly most = mostMembers
  private readonly writer = new MessageWriter()
  private readonly set: { readonly name: string; readonly family: number }
  private readonly kit: TargetKit

  constructor({ name, ipVersion: version }: IpsetNeed, kit: TargetKit) {
    this.set = { name, family: version === 4 ? AF_INET : AF_INET6 }
    this.kit = kit
  }

  put(members: readonly IpsetMember[]): number {
    return this.send('add', members)
  }

  remove(members: readonly IpsetMember[]): number {
    const code = this.send('delete', members)
    return code === ipsetErrors.notThere ? 0 : code
  }

  empty(): void {
    const requests = this.kit.requests()
    writeFlushSet(this.writer, requests.next(), this.set.name)
    requests.send(this.writer)
  }

  private send(what: 'add' | 'delete', members: readonly IpsetMember[]): number {
    const requests = this.kit.requests()
    for (let from = 0; from < members.length; from += membersOfMessage) {
      const part = members.slice(from, from + membersOfMessage)
      writeMembers(this.writer, requests.next(), what, this.set, part)
    }
    const { errors } = requests.send(this.writer)
    return errors.values().next().value ?? 0
  }
}

function skbOf(settings: Settings): NonNullable<IpsetMember['skb']> | undefined {
  const { skb_mark: mark, skb_mask: mask, skb_prio: priority, skb_queue: queue } = settings
  if (mark === undefined && priority === undefined && queue === undefined) return undefined
  return {
    ...(mark === undefined ? {} : { mark }),
    ...(mask === undefined ? {} : { mask }),
    ...(priority === undefined ? {} : { priority }),
    ...(queue === undefined ? {} : { queue }),
  }
}

function needsOf(settings: Settings): readonly IpsetNeed[] {
  const hasSuffix = settings.suffix ?? settings.ip_version === 'both'
  if (settings.set_type === 'hash:mac' && hasSuffix) {
    throw new FlowledgerError('rules-invalid', 'hash:mac has no version of IP.', {
      fix: 'Write ip_version: ipv4.',
    })
  }
  return versionsOf(settings.ip_version).map((version) => ({
    kind: 'ipset',
    name: versionedName(settings.set, version, hasSuffix),
    type: settings.set_type,
    ipVersion: version,
    ttl: settings.ttl,
    maxElements: settings.max_elements,
    hasSkb: skbOf(settings) !== undefined,
    isManaged: settings.managed,
    flushOnCreate: settings.flush_on_create,
  }))
}

/** A member; undefined where the connection lacks a part of it. */
function memberOf(parts: readonly Part[], verdict: Verdict): IpsetMember | undefined {
  const { flow, entry } = verdict
  const version = versionOf(verdict)
  const mac = macBytes(flow.local)
  if (parts.includes('mac') && mac === undefined) return undefined
  if (parts.includes('port') && !withPorts.has(flow.ipProtocol)) return undefined
  return {
    ...(parts.includes('ip') ? { ip: addressBytes(flow.other, version) } : {}),
    ...(parts.includes('ip2') ? { ip2: addressBytes(flow.local, version) } : {}),
    ...(parts.includes('port') ? { port: flow.other.port, ipProtocol: flow.ipProtocol } : {}),
    ...(parts.includes('mac') && mac !== undefined ? { mac } : {}),
    ...(parts.includes('mark') ? { mark: entry.mark } : {}),
  }
}

/** Equal of verdicts that say the same member. */
function keyOf(parts: readonly Part[], { flow, entry }: Verdict): string {
  let key = ''
  for (const part of parts) {
    if (part === 'ip') key += `${flow.other.address.join(',')}|`
    else if (part === 'ip2') key += `${flow.local.address.join(',')}|`
    else if (part === 'port') key += `${flow.ipProtocol},${flow.other.port}|`
    else key += part === 'mac' ? `${flow.local.mac}|` : `${entry.mark}|`
  }
  return key
}

/** Puts what a verdict says into sets of ipset(8), one for each version of IP. */
export const ipset: TargetKind<Settings> = {
  text: 'Member of a set of ipset.',
  schema,
  needs: (_name, settings) => needsOf(settings),
  open(_name, settings, kit) {
    const parts = memberParts[settings.set_type] ?? []
    const skb = skbOf(settings)
    const extra = {
      ...(settings.ttl === 0 ? {} : { timeout: settings.ttl }),
      ...(skb === undefined ? {} : { skb }),
    }
    const fillers = new Map<IpVersion, SetFiller<IpsetMember>>()
    for (const need of needsOf(settings)) {
      fillers.set(need.ipVersion, new SetFiller(new IpsetPort(need, kit)))
    }
    const unsuited: Verdict[] = []
    return {
      add(verdict) {
        const filler = fillers.get(versionOf(verdict))
        const member = filler === undefined ? undefined : memberOf(parts, verdict)
        if (member === undefined) unsuited.push(verdict)
        else filler?.add(keyOf(parts, verdict), { ...member, ...extra }, verdict)
      },
      retract(verdict) {
        const member = memberOf(parts, verdict)
        if (member === undefined) return
        fillers.get(versionOf(verdict))?.remove(keyOf(parts, verdict), member)
      },
      flush(_nowUs, report) {
        for (const verdict of unsuited.splice(0)) report(verdict, 'unsuited')
        for (const filler of fillers.values()) filler.flush(report)
      },
      close() {
        if (settings.flush_on_destroy) for (const filler of fillers.values()) filler.empty()
      },
    }
  },
}
