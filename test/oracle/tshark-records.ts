/** A record of a flow in tshark's tree, by the names of its dissector. */
type Flow = Readonly<Record<string, string | readonly string[] | object>>

/** What tshark read in a record; ends are `address port`. */
export interface ReadRecord {
  readonly from: string
  readonly to: string
  readonly after: string
  readonly afterTo: string
  readonly protocol: number
  readonly octets: bigint
  readonly packets: bigint
  readonly reverseOctets: bigint
  readonly reversePackets: bigint
  readonly startMs: number
  readonly endMs: number
  /** biflowDirection; undefined where there is none. */
  readonly direction: number | undefined
}

function flowsOf(tree: unknown): Flow[] {
  if (typeof tree !== 'object' || tree === null) return []
  if ('cflow.srcport' in tree) return [tree as Flow]
  return Object.values(tree).flatMap(flowsOf)
}

/** Elements that a record has twice are those of both directions (RFC 5103). */
function countersOf(value: Flow[string] | undefined): readonly [bigint, bigint] {
  const [there = '0', back = '0'] = [value].flat() as string[]
  return [BigInt(there), BigInt(back)]
}

function read(flow: Flow, bootMs: number): ReadRecord {
  const first = (...names: readonly string[]): string =>
    names.map((name) => flow[`cflow.${name}`]).find((value) => typeof value === 'string') ?? ''
  const [octets, reverseOctets] = countersOf(flow['cflow.octets'])
  const [packets, reversePackets] = countersOf(flow['cflow.packets'])
  const times = flow['cflow.timedelta_tree'] as Readonly<Record<string, string>>
  const at = (name: string): number => {
    const absolute = times[`cflow.abstime${name}`]
    if (absolute !== undefined) return Date.parse(absolute)
    return bootMs + Math.round(Number(times[`cflow.time${name}`]) * 1000)
  }
  const direction = flow['cflow.biflow_direction']
  const [source, destination] = [first('srcaddr', 'srcaddrv6'), first('dstaddr', 'dstaddrv6')]
  const [port, toPort] = [first('srcport'), first('dstport')]
  const v4 = (end: string): string => `post_nat${end}_ipv4_address`
  const v6 = (end: string): string => `post_nat_${end}_ipv6_address`
  return {
    from: `${source} ${port}`,
    to: `${destination} ${toPort}`,
    after:
      `${first(v4('source'), v6('source'), 'srcaddr', 'srcaddrv6')} ` +
      first('post_naptsource_transport_port', 'srcport'),
    afterTo:
      `${first(v4('destination'), v6('destination'), 'dstaddr', 'dstaddrv6')} ` +
      first('post_naptdestination_transport_port', 'dstport'),
    protocol: Number(first('protocol')),
    octets,
    packets,
    reverseOctets,
    reversePackets,
    startMs: at('start'),
    endMs: at('end'),
    direction: direction === undefined ? undefined : Number(direction),
  }
}

/**
 * The flow records in what tshark made of messages.
 *
 * @param bootMs what SysUptime counts from, in milliseconds since 1970
 */
export const recordsOf = (packets: unknown, bootMs = 0): ReadRecord[] =>
  flowsOf(packets).map((flow) => read(flow, bootMs))
