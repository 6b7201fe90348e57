/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { ApprovalAct } from '../../model/rights.ts'
import { formatProtocol } from '../../model/protocol.ts'
import type { Zone } from '../../model/time-zone.ts'
import { endpointText, Time } from './parts/basics.tsx'
import { durationText } from './times.ts'

/** What a second person is asked to allow, as a person reads it. */

export const actTitles: Readonly<Record<ApprovalAct, string>> = {
  reveal: 'Tell who it was',
  wide: 'Ask about many at once',
  reverse: 'Ask what somebody held',
  'hold-release': 'Give records back to the retention',
  purge: 'Delete records before their time',
}

interface SubjectProperties {
  readonly act: ApprovalAct
  readonly subject: Readonly<Record<string, string>>
  readonly zone: Zone | undefined
}

const portOf = (text: string | undefined): number | null =>
  text === undefined ? null : Number(text)

/** The fields of a subject that have no words of their own, as they are. */
const Others = ({ fields }: { fields: readonly (readonly [string, string])[] }) => (
  <code>{fields.map(([name, text]) => `${name} ${text}`).join(', ')}</code>
)

/** A look-up is an address at a time; any other subject is shown field by field. */
export function SubjectOf({ act, subject, zone }: SubjectProperties) {
  const { ip, port, protocol, at, tolerance_us: toleranceUs, ...rest } = subject
  const isLookUp = act === 'reveal' || act === 'wide'
  if (!isLookUp || ip === undefined || at === undefined)
    return <Others fields={Object.entries(subject)} />
  const { destination_ip: toIp, destination_port: toPort, ...others } = rest
  const more = Object.entries(others)
  const spoken = protocol === undefined ? '' : ` (${formatProtocol(Number(protocol))})`
  const around = Number(toleranceUs ?? 0) / 1e6
  return (
    <>
      <code>{endpointText({ ip, port: portOf(port) })}</code>
      {spoken} at <Time at={at} zone={zone} />
      {around > 0 ? ` ± ${durationText(around)}` : ''}
      {toIp === undefined && toPort === undefined ? null : (
        <>
          , towards <code>{endpointText({ ip: toIp ?? 'any', port: portOf(toPort) })}</code>
        </>
      )}
      {more.length === 0 ? null : <Others fields={more} />}
    </>
  )
}
