/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Zone } from '../../../model/time-zone.ts'
import type { AnswerCandidate, AnswerFlow, AnswerHolder, AnswerLink } from '../../contract.ts'
import type { Visitor } from '../visitor.ts'
import { queryText } from '../ask.ts'
import { bytesText, Chip, countText, Endpoint, Facts, None, Table, Time } from '../parts/basics.tsx'
import type { Tone } from '../parts/basics.tsx'

/** The parts of an answer: hosts, who they are, and the links that lead to them. */

export const classTones: Readonly<Record<AnswerLink['class'], Tone>> = {
  exact: 'sure',
  inferred: 'unsure',
  ambiguous: 'unsure',
  conflict: 'bad',
  unknown: 'plain',
}

const stepNames: Readonly<Record<AnswerLink['step'], string>> = {
  nat: 'NAT',
  device: 'Device',
  user: 'User',
  subscriber: 'Subscriber',
}

/** The links, from what the world saw to whom it stands for. */
export function Chain({ links }: { links: readonly AnswerLink[] }) {
  return (
    <ol class="chain">
      {links.map((link) => (
        <li class={link.counts ? undefined : 'aside'}>
          <span class="step">{stepNames[link.step]}</span>
          <div>
            <p>
              <Chip tone={classTones[link.class]}>{link.class}</Chip> {link.why}
              {link.counts ? '' : ' The answer does not rest on it.'}
            </p>
            {link.record === '' && link.source === '' ? null : (
              <p class="record">
                {link.source} <code>{link.record}</code>
                {(link.statements ?? []).map((statement) => (
                  <>
                    {' '}
                    <code>{statement}</code>
                  </>
                ))}
                {link.skew_seconds ? ` clock off by up to ${link.skew_seconds} s` : ''}
              </p>
            )}
          </div>
        </li>
      ))}
    </ol>
  )
}

type Holder = { readonly [K in keyof AnswerHolder]?: AnswerHolder[K] | undefined }

/** Whoever an inside address stands for. */
export function HolderFacts({ holder, zone }: { holder: Holder; zone: Zone | undefined }) {
  const { subscriber, user, device, session, shared } = holder
  const made = device?.mac_randomised === true ? ' (made up by the device)' : ''
  return (
    <Facts
      rows={[
        ['Subscriber', subscriber && [subscriber.id, subscriber.name].filter(Boolean).join(' · ')],
        ['Contact', subscriber?.contact],
        ...Object.entries(subscriber?.attributes ?? {}).map(
          ([name, text]) => [name, text] as const
        ),
        ['Log-in', user],
        ['Account', shared === true ? 'shared by several people or devices' : undefined],
        ['Host name', device?.hostname],
        ['MAC', device?.mac ? <code>{device.mac + made}</code> : undefined],
        ['DUID', device?.duid ? <code>{device.duid}</code> : undefined],
        ['Circuit', device?.circuit_id],
        ['Remote', device?.remote_id],
        ['Held since', session && <Time at={session.start} zone={zone} />],
        ['Held until', session?.end ? <Time at={session.end} zone={zone} /> : undefined],
      ]}
    />
  )
}

function Identity({ candidate, zone }: { candidate: AnswerCandidate; zone: Zone | undefined }) {
  const { identity } = candidate
  const several = identity.candidates ?? []
  const isAmbiguous = identity.state === 'ambiguous'
  return (
    <section class="identity">
      <h4>Who</h4>
      {identity.state === 'resolved' ? null : (
        <p>
          <Chip tone={isAmbiguous ? 'unsure' : 'plain'}>{identity.state}</Chip>{' '}
          {identity.reasons.join(' ')}
        </p>
      )}
      <HolderFacts holder={identity} zone={zone} />
      {several.map((one, i) => (
        <div class="holder">
          <h5>Possible holder {i + 1}</h5>
          <HolderFacts holder={one} zone={zone} />
          <Chain links={one.links} />
        </div>
      ))}
      {identity.state === 'resolved' ? <p class="dim">{identity.reasons.join(' ')}</p> : null}
    </section>
  )
}

const hasRemote = ({ remote }: AnswerFlow): boolean => remote.ip !== '::' || remote.port !== 0

function endOf(flow: AnswerFlow, zone: Zone | undefined) {
  if (flow.open || flow.end === null) return 'still open'
  return (
    <>
      {flow.continues ? 'after ' : ''}
      <Time at={flow.end} zone={zone} />
      {flow.end_known ? '' : ' (found missing; its end was not seen)'}
    </>
  )
}

function Connection({ flow, zone }: { flow: AnswerCandidate; zone: Zone | undefined }) {
  const { ports } = flow
  return (
    <Facts
      rows={[
        [
          'Inside',
          ports === undefined ? <Endpoint of={flow.inside} /> : <code>{flow.inside.ip}</code>,
        ],
        ['Public', <Endpoint of={flow.public} />],
        [
          'Ports',
          ports &&
            `${ports.start} to ${ports.end}, by ${ports.basis}${ports.note && `: ${ports.note}`}`,
        ],
        ['Remote', hasRemote(flow) ? <Endpoint of={flow.remote} /> : <None>not logged</None>],
        ['Protocol', flow.protocol],
        [
          'Start',
          <>
            {flow.start_known ? '' : 'before '}
            <Time at={flow.start} zone={zone} />
          </>,
        ],
        ['Released', endOf(flow, zone)],
        ['Last packet', <Time at={flow.last_packet} zone={zone} />],
        ['Traffic', `${bytesText(flow.bytes)}, ${countText(flow.packets)} packets`],
        ['Application', flow.application],
        ['Server name', flow.hostname],
        ['Seen by', flow.exporter],
      ]}
    />
  )
}

function Others({ candidate, zone }: { candidate: AnswerCandidate; zone: Zone | undefined }) {
  if (candidate.also.length === 0) return null
  return (
    <details>
      <summary>
        {candidate.flows - 1} more connections of this host in the window
        {candidate.also.length < candidate.flows - 1 ? `, ${candidate.also.length} listed` : ''}
      </summary>
      <Table
        caption="More connections of this host"
        columns={['Inside', 'Remote', 'Protocol', 'Start', 'Released']}
        rows={candidate.also.map((flow) => [
          <Endpoint of={flow.inside} />,
          hasRemote(flow) ? <Endpoint of={flow.remote} /> : <None>not logged</None>,
          flow.protocol,
          <Time at={flow.start} zone={zone} />,
          endOf(flow, zone),
        ])}
      />
    </details>
  )
}

interface HostProperties {
  readonly candidate: AnswerCandidate
  readonly visitor: Visitor
  readonly zone: Zone | undefined
  /** Times between which its flows are listed. */
  readonly from: string
  readonly to: string
}

/** A host that may have been it. */
export function Host({ candidate, visitor, zone, from, to }: HostProperties) {
  const { inside, ports, rank, class: how } = candidate
  const flows = { inside: inside.ip, from, to }
  return (
    <article class="host">
      <h3>
        <span class="rank">{rank}</span>{' '}
        <code>{ports === undefined ? <Endpoint of={inside} /> : inside.ip}</code>{' '}
        <Chip tone={classTones[how]}>{how}</Chip>
        {candidate.zone === 0 ? null : <small> conntrack zone {candidate.zone}</small>}
      </h3>
      <p class="why">{candidate.reasons.join(' ')}</p>
      <div class="columns">
        <section>
          <h4>Connection</h4>
          <Connection flow={candidate} zone={zone} />
          {visitor.principal.rights.has('flows') ? (
            <p>
              <a href={`/flows${queryText(flows)}`}>Flows of {inside.ip} around that time</a>
            </p>
          ) : null}
        </section>
        <Identity candidate={candidate} zone={zone} />
      </div>
      <section>
        <h4>How that is known</h4>
        <Chain links={candidate.links} />
      </section>
      <Others candidate={candidate} zone={zone} />
    </article>
  )
}
