/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Zone } from '../../../model/time-zone.ts'
import type { SightingBody } from '../../notices/contract.ts'
import { Chip, Facts, None, Time } from '../parts/basics.tsx'
import { Field } from '../parts/fields.tsx'
import { markWords } from './marked.ts'

/** What was understood of one claim, beside the words of the notice that say so. */

interface SightingProperties {
  readonly sighting: SightingBody
  readonly index: number
  /** Identifier that no other sighting of the page has. */
  readonly id: string
  readonly zone: Zone | undefined
  /** The case that look-ups made by hand are for. */
  readonly reference: string
}

export const instantsOf = ({ at }: SightingBody): readonly string[] =>
  at === null ? [] : typeof at === 'string' ? [at] : at

function wordsOf(sighting: SightingBody): string[] {
  const { ip, ip_given: given, port, at_given: at, destination_ip: destination } = sighting
  const destinationPort = sighting.destination_port
  const numbers = [port, destinationPort].flatMap((one) => (one === null ? [] : [String(one)]))
  const texts = [ip, given, at, destination].flatMap((one) => one ?? [])
  return [...texts, ...numbers]
}

function Source({ sighting }: { sighting: SightingBody }) {
  return (
    <pre class="excerpt">
      {markWords(sighting.source, wordsOf(sighting)).map(({ text, isMarked }) =>
        isMarked ? <mark>{text}</mark> : text
      )}
    </pre>
  )
}

const Doubt = ({ children }: { children: string }) => <Chip tone="unsure">{children}</Chip>

function Understood({ sighting, zone }: { sighting: SightingBody; zone: Zone | undefined }) {
  const { missing, port_role: role } = sighting
  const instants = instantsOf(sighting)
  const isMissing = (what: 'ip' | 'port' | 'time'): boolean => missing.includes(what)
  return (
    <Facts
      rows={[
        [
          'Address',
          isMissing('ip') ? (
            <>
              <Doubt>missing</Doubt> {sighting.ip_given}
            </>
          ) : (
            <code>{sighting.ip}</code>
          ),
        ],
        [
          'Port',
          isMissing('port') ? (
            <Doubt>missing</Doubt>
          ) : (
            <>
              <code>{sighting.port}</code>{' '}
              {role === 'source' ? '' : <Doubt>{role ?? 'unsure'}</Doubt>}
            </>
          ),
        ],
        ['Protocol', sighting.protocol ?? <None>not told: TCP and UDP are searched</None>],
        ['Time as given', sighting.at_given],
        [
          'Time',
          isMissing('time') ? (
            <Doubt>missing</Doubt>
          ) : (
            <>
              {instants.length > 1 ? <Doubt>{`one of ${instants.length}`}</Doubt> : null}
              {instants.map((at) => (
                <div>
                  <Time at={at} zone={zone} />
                </div>
              ))}
            </>
          ),
        ],
        ['Zone', sighting.zone],
        [
          'Destination',
          sighting.destination_ip === null
            ? undefined
            : [sighting.destination_ip, sighting.destination_port].filter(Boolean).join(' port '),
        ],
      ]}
    />
  )
}

/** Asks for what is missing or in doubt; the look-up is then somebody's own. */
function AskFor({ sighting, id, reference }: SightingProperties) {
  const instants = instantsOf(sighting)
  const hidden = [
    ['protocol', sighting.protocol],
    ['destination_ip', sighting.destination_ip],
    ['destination_port', sighting.destination_port],
    ['case', reference],
  ] as const
  return (
    <form method="get" action="/lookup" class="ask-for">
      {hidden.map(([name, value]) =>
        value === null || value === '' ? null : <input type="hidden" name={name} value={value} />
      )}
      <p>
        <b>You decide:</b> choose or fill in what the notice leaves open.
      </p>
      <div class="row">
        <Field
          id={`${id}-ip`}
          name="ip"
          label="Address"
          value={sighting.ip ?? ''}
          isCode
          required
        />
        <Field
          id={`${id}-port`}
          name="port"
          label="Port"
          value={sighting.port === null ? '' : String(sighting.port)}
          isCode
          size={6}
        />
        {instants.length > 1 ? (
          <fieldset class="choices">
            <legend>Time</legend>
            {instants.map((at, i) => (
              <label>
                <input type="radio" name="at" value={at} checked={i === 0} /> <Time at={at} />
              </label>
            ))}
          </fieldset>
        ) : (
          <Field
            id={`${id}-at`}
            name="at"
            label="Time with its zone"
            value={instants[0] ?? ''}
            isCode
            required
          />
        )}
        <button type="submit">Look this up</button>
      </div>
    </form>
  )
}

export function Sighting(properties: SightingProperties) {
  const { sighting, index, zone } = properties
  const isOpen = sighting.uncertain || sighting.missing.length > 0
  return (
    <section class="sighting" aria-label={`Claim ${index + 1}`}>
      <h3>
        Claim {index + 1} {isOpen ? <Doubt>needs you</Doubt> : <Chip tone="sure">understood</Chip>}
      </h3>
      <div class="columns">
        <div>
          <h4>The notice says</h4>
          <Source sighting={sighting} />
        </div>
        <div>
          <h4>Understood as</h4>
          <Understood sighting={sighting} zone={zone} />
        </div>
      </div>
      {sighting.reasons.length === 0 ? null : (
        <ul class="reasons">
          {sighting.reasons.map((reason) => (
            <li>{reason}</li>
          ))}
        </ul>
      )}
      {isOpen ? <AskFor {...properties} /> : null}
    </section>
  )
}
